// The journal: the exchanges of this world as they come, and the one that is looked at.

import { ask, askText, follow, vendor } from "./asking.js";
import { attempt, byId, el, fill, seldom, sure, whenTyped } from "./elements.js";
import { showExchange } from "./exchange.js";
import { milliseconds, outcomeBadge, target } from "./wording.js";

const MOST_SHOWN = 300;
const AGAIN_MILLISECONDS = 2000;

let exchanges = []; // newest first
let selected = null;
let isLeft = false;

/** Begin to follow the journal, for as long as the page is open. */
export function startJournal() {
  whenTyped(byId("journal-filter"), draw);
  byId("journal-clear").addEventListener("click", forget);
  byId("journal-har").addEventListener("click", () => attempt(saveHar, "Saved the journal as HAR."));
  addEventListener("pagehide", () => { isLeft = true; });
  addEventListener("pageshow", () => { isLeft = false; });
  keepUp();
}

/** Show an exchange, or what can be done where none is chosen. */
export async function openExchange(id) {
  selected = id || null;
  byId("journal").classList.toggle("chosen", Boolean(selected));
  mark();
  await showExchange(byId("exchange"), selected);
}

/**
 * Follow the events; where that is refused or ends, read the list again every two seconds, and try again.
 * A page that nobody sees follows nothing: a browser has six connections to a server, for all its tabs.
 */
async function keepUp() {
  for (;;) {
    await untilSeen();
    const leaving = new AbortController();
    document.addEventListener("visibilitychange", () => leaving.abort(), { signal: leaving.signal });
    addEventListener("pagehide", () => leaving.abort(), { signal: leaving.signal });
    let why = "";
    try {
      await load();
      await follow(exchanges[0]?.id ?? "x0", { open: () => count("live"), hear, signal: leaving.signal });
    } catch (problem) {
      why = problem.message;
    }
    if (leaving.signal.aborted) continue;
    leaving.abort();
    count(why ? `asking every 2 seconds: ${why}` : "asking every 2 seconds");
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
  }
}

/** Wait until the page can be seen: it may be a tab behind others, or left and come back to. */
async function untilSeen() {
  while (isLeft || document.hidden) {
    await new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true });
      addEventListener("pageshow", resolve, { once: true });
    });
  }
}

async function load() {
  const listed = (await ask("GET", `/requests?limit=${MOST_SHOWN}`)).requests;
  const isSame = listed.length === exchanges.length && listed[0]?.id === exchanges[0]?.id;
  exchanges = listed;
  if (!isSame || !listed.length) draw();
}

function hear(exchange) {
  exchanges = [exchange, ...exchanges].slice(0, MOST_SHOWN);
  drawSoon();
  document.dispatchEvent(new CustomEvent("exchange", { detail: exchange }));
}

const drawSoon = seldom(draw, 50);

let state = "live";

function count(said = state) {
  state = said;
  const shown = exchanges.length === 1 ? "1 exchange" : `${exchanges.length} exchanges`;
  const most = exchanges.length === MOST_SHOWN ? `the latest ${shown}` : shown;
  byId("journal-count").textContent = `${most}, ${state}`;
}

function draw() {
  const wanted = byId("journal-filter").value.trim().toLowerCase();
  const fitting = exchanges.filter((one) => textOf(one).includes(wanted));
  const list = byId("exchanges");
  const focused = list.contains(document.activeElement) ? document.activeElement.hash : null;
  const known = new Map([...list.children].map((line) => [line.dataset.id, line]));
  fill(list, fitting.map((one) => known.get(one.id) ?? lineOf(one)));
  if (focused) [...list.querySelectorAll("a")].find((link) => link.hash === focused)?.focus();
  mark();
  count();
  const empty = byId("journal-empty");
  empty.hidden = fitting.length > 0;
  empty.textContent = exchanges.length
    ? "No exchange has that in it. Empty the filter to see all."
    : `Nothing was requested yet. Send a request to ${location.origin}${vendor}/v2/customers/… or use “Try it”; it appears here at once.`;
}

const textOf = (one) => `${one.id} ${one.method} ${target(one)} ${one.status} ${one.code ?? ""} ${one.forced ? "forced" : ""}`.toLowerCase();

function lineOf(one) {
  return el(
    "li",
    { "data-id": one.id },
    el(
      "a",
      { href: `#journal/${encodeURIComponent(one.id)}`, className: "line" },
      el("span", { className: "method" }, one.method),
      outcomeBadge(one),
      one.forced ? el("span", { className: "badge forced" }, "forced") : null,
      el("span", { className: "when muted" }, milliseconds(one), " · ", el("time", { dateTime: one.time, title: one.time }, one.time.slice(11, 19))),
      el("span", { className: "target" }, target(one)),
    ),
  );
}

function mark() {
  for (const line of byId("exchanges").children) {
    if (line.dataset.id === selected) line.firstChild.setAttribute("aria-current", "true");
    else line.firstChild.removeAttribute("aria-current");
  }
}

async function forget() {
  if (!(await sure("Forget the journal?", "All exchanges of this world go. The customers stay as they are.", "Forget all"))) return;
  await attempt(async () => {
    await ask("DELETE", "/requests");
    exchanges = [];
    draw();
    location.hash = "#journal";
  }, "The journal is empty.");
}

async function saveHar() {
  const har = new Blob([await askText("GET", "/requests.har")], { type: "application/json" });
  const link = el("a", { href: URL.createObjectURL(har), download: "mock.har" });
  link.click();
  URL.revokeObjectURL(link.href);
}
