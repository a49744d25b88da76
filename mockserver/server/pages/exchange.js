// One exchange: what was said, why, how to mend it, what it changed.

import { ask } from "./asking.js";
import { copyButton, el, fill } from "./elements.js";
import { laidOut } from "./json-text.js";
import { effectOf, milliseconds, outcomeBadge, sentenceOf, target } from "./wording.js";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]); // methods that change nothing (RFC 9110 §9.2.1)

/** Show an exchange by its id; without one, what there is to choose. */
export async function showExchange(place, id) {
  if (!id) {
    fill(place, el("p", { className: "empty" }, "Choose an exchange to see its bodies, why it was answered so, and how to mend it."));
    return;
  }
  try {
    const whole = await ask("GET", `/requests/${encodeURIComponent(id)}`);
    fill(place, partsOf(whole));
  } catch (problem) {
    fill(place, back(), el("p", { className: "problem", role: "alert" }, problem.message));
  }
  place.scrollTop = 0;
}

const back = () => el("p", { className: "back" }, el("a", { href: "#journal" }, "← All exchanges"));

function partsOf(whole) {
  return [
    back(),
    el("h2", { className: "target-title" }, el("span", { className: "method" }, whole.method), " ", target(whole)),
    el(
      "p",
      { className: "row" },
      outcomeBadge(whole),
      whole.forced ? el("span", { className: "badge forced" }, "forced") : null,
      el("span", { className: "muted" }, `${whole.id} · ${whole.time} · ${milliseconds(whole)}`),
    ),
    el(
      "p",
      { className: "row" },
      copyButton("Copy as curl", whole.curl, "the request as curl"),
      whole.operation ? el("a", { className: "button", href: `#try/${whole.operation}/${encodeURIComponent(whole.id)}` }, "Change and send again") : null,
    ),
    whole.said ? el("p", { className: `said ${whole.status < 300 ? "" : "refused"}` }, whole.said) : null,
    repairOf(whole),
    changesOf(whole),
    faultsOf(whole),
    el("div", { className: "columns" }, messageOf("Request", whole.request), whole.status ? messageOf("Response", whole.response) : null),
    whyOf(whole),
    basisOf(whole),
  ];
}

function repairOf({ repair }) {
  if (!repair) return null;
  return part(
    "How to mend it",
    el("ul", { className: "sentences" }, repair.edits.map((edit) => el("li", {}, sentenceOf(edit)))),
    el("p", {}, copyButton("Copy repaired request as curl", repair.curl, "the repaired request as curl")),
  );
}

function changesOf(whole) {
  if (!whole.changes.length) {
    const mayChange = whole.operation && !SAFE.has(whole.method) && whole.status < 300;
    return mayChange ? part("What changed", el("p", { className: "muted" }, "Nothing: the customer is as before.")) : null;
  }
  const head = el("tr", {}, ["Member", "Before", "After"].map((name) => el("th", { scope: "col" }, name)));
  const rows = whole.changes.map((change) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, el("code", {}, change.member)),
      el("td", {}, el("code", {}, JSON.stringify(change.previous))),
      el("td", {}, el("code", {}, JSON.stringify(change.current))),
    ),
  );
  return part("What changed", el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "What changed" }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows))));
}

function faultsOf({ faults }) {
  if (!faults.length) return null;
  return part("Faults that met it", el("ul", {}, faults.map((fault) => el("li", {}, `${fault.id} ${effectOf(fault)}`))));
}

const HAPPY = new Set(["passed", "accepted"]);

function whyOf({ why }) {
  return part("Why: the steps of judgement", el("ol", { className: "stages" }, why.map(stageOf)));
}

function stageOf(stage) {
  const isLast = !HAPPY.has(stage.outcome);
  const isBad = ["refused", "rejected", "cut"].includes(stage.outcome);
  const sign = isBad ? "✗" : isLast ? "→" : "✓";
  const line = [el("strong", {}, stage.stage), ` ${stage.outcome}`, stage.code ? ` with ${stage.code}` : ""];
  return el(
    "li",
    { className: isBad ? "refused" : isLast ? "answered" : "", "aria-current": isLast ? "step" : undefined },
    el("span", { className: "sign", "aria-hidden": "true" }, sign),
    el("div", {}, foundOf(line, stage.value), reasonsOf(stage)),
  );
}

/** The line of a step, which opens to what the step found. */
function foundOf(line, value) {
  if (value === null || value === undefined) return el("p", {}, line);
  return el("details", {}, el("summary", {}, line), el("pre", { tabIndex: 0 }, JSON.stringify(value, null, 2)));
}

function reasonsOf({ place, why, value }) {
  const violations = value?.violations ?? [];
  if (violations.length > 1) return el("ul", {}, violations.map((one) => el("li", {}, el("code", {}, one.place), `: ${one.problem}; ${one.repair}`)));
  return why ? el("p", {}, place ? el("code", {}, place) : null, place ? ": " : null, why) : null;
}

function basisOf({ decided, basis }) {
  if (!decided?.basis.length) return basis ? part("Basis", el("p", {}, basis)) : null;
  return part("What the answer rests on", el("ul", { className: "tags" }, decided.basis.map(tagOf)));
}

function tagOf({ kind, name, answer }) {
  const said = answer === undefined ? name : `${name}: ${answer}`;
  const named = answer === undefined ? said : el("a", { href: `#settings/${encodeURIComponent(name)}` }, said);
  return el("li", {}, el("span", { className: "muted" }, kind), " ", named);
}

function messageOf(title, message) {
  const body = laidOut(message.body);
  return part(
    title,
    el("details", {}, el("summary", {}, "Headers"), el("pre", { tabIndex: 0 }, Object.entries(message.headers).map(([name, value]) => `${name}: ${value}\n`).join(""))),
    body ? el("pre", { tabIndex: 0, "aria-label": `Body of the ${title.toLowerCase()}` }, body) : el("p", { className: "muted" }, "No body."),
    body ? copyButton("Copy body", body, `the body of the ${title.toLowerCase()}`) : null,
  );
}

const part = (title, ...children) => el("section", { className: "part" }, el("h3", {}, title), children);
