// How exchanges, edits and faults are said in words.

import { el } from "./elements.js";

/** Path and query of an exchange. */
export const target = (exchange) => (exchange.query ? `${exchange.path}?${exchange.query}` : exchange.path);

/** What came of an exchange, as a kind (for its colour) and as words. */
export function outcomeOf({ status, code }) {
  if (!status) return { kind: "cut", words: "no answer" };
  const named = code && code !== status ? ` ${code}` : "";
  if (status < 300) return { kind: "good", words: `${status} OK${named}` };
  if (status < 500) return { kind: "refused", words: `${status} refused${named}` };
  return { kind: "failed", words: `${status} failed${named}` };
}

export function outcomeBadge(exchange) {
  const { kind, words } = outcomeOf(exchange);
  return el("span", { className: `badge ${kind}` }, words);
}

/** How long the core took, in as many digits as tell something. */
export const milliseconds = (exchange) => `${exchange.milliseconds < 10 ? exchange.milliseconds.toFixed(1) : Math.round(exchange.milliseconds)} ms`;

/** An edit of a repair as a sentence. */
export function sentenceOf(edit) {
  if (edit.do === "remove") return ["Leave out ", el("code", {}, edit.place), "."];
  return ["Set ", el("code", {}, edit.place), " to ", edit.note || el("code", {}, JSON.stringify(edit.value)), "."];
}

/** What a fault rule does, in words. */
export function effectOf(rule) {
  const [[kind, how]] = Object.entries(rule.do);
  switch (kind) {
    case "answer":
      return `answers ${how.code ?? how.example}`;
    case "delay":
      return how.uniform ? `delays by ${how.uniform[0]} to ${how.uniform[1]} ms` : `delays by ${how.milliseconds} ms`;
    case "throttle":
      return how.preset ? `throttles as “${how.preset}”` : `lets ${how.perMinute} a minute pass`;
    case "reset":
      return "resets the connection";
    case "close":
      return "closes without an answer";
    case "truncate":
      return `sends ${how.bytes} bytes of the answer only`;
    case "dribble":
      return `sends ${how.bytes} bytes every ${how.milliseconds} ms`;
    case "garble":
      return "garbles the JSON";
    case "contentType":
      return `sends the content type ${how}`;
    case "drop":
      return `cuts the connection ${how} the update is stored`;
    default:
      return JSON.stringify(rule.do);
  }
}

/** Whom a fault rule meets, how often, and how long; in words. */
export function scopeOf(rule) {
  const match = rule.match ?? {};
  const named = Object.entries(match).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return [
    named.length ? `where ${named.join(", ")}` : "every request",
    rule.probability < 1 ? `${Math.round(rule.probability * 100)} % of them` : "",
    rule.secondsLeft === null ? "" : `for ${Math.ceil(rule.secondsLeft)} s more`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** How often a fault rule matched and applied, in words. */
export function countsOf(rule) {
  const applied = rule.times ? `applied ${rule.applied} of ${rule.times}` : `applied ${rule.applied}`;
  return `${applied}, matched ${rule.matched}${rule.spent ? ", used up" : ""}`;
}
