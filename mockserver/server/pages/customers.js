// The customers of this world: list, search, edit as JSON, delete; and snapshots of them all.

import { ask, askText } from "./asking.js";
import { attempt, button, byId, el, fill, put, seldom, sure, tell, whenTyped } from "./elements.js";
import { laidOut, locate } from "./json-text.js";

const PAGE = 100; // customers that are asked for at once
const MOST_AGAIN = 1000; // that are asked for again when something was requested
const FIRST_ID = 171900001; // that is proposed for a new customer
const LONG = 500; // milliseconds; a search that takes longer is made again only when the reader asks
const DRAFT = `{
  "loyaltyType": "non_loyalty",
  "profiles": [
    {
      "source": "INSTORE",
      "firstName": "Tom",
      "lastName": "Sawyer",
      "identifiers": [{"type": "mobile", "value": "919999000000"}],
      "commChannels": [{"type": "mobile", "value": "919999000000", "primary": true, "verified": true}]
    }
  ]
}`;

let customers = []; // the pages that are shown
let next = null; // what follows them
let counted = { fitting: 0, all: 0 };
let asking = new AbortController();
let took = 0; // milliseconds, the last list
let selected = null;
let shown = ""; // the text of the editor as it was read

export function startCustomers() {
  whenTyped(byId("customers-search"), () => attempt(load));
  byId("customer-new").addEventListener("click", make);
  byId("snapshot-form").addEventListener("submit", keepSnapshot);
  document.addEventListener("exchange", seldom(keepUp, 200));
}

/** Show what requests have changed meanwhile; a text that the reader has begun to change stays. */
async function keepUp() {
  if (byId("customers").hidden) return;
  if (took < LONG) await load(Math.min(Math.max(customers.length, PAGE), MOST_AGAIN)).catch(() => {}); // the next action tells what is wrong
  const field = byId("customer-json");
  if (selected && field && field.value === shown) await edit(selected);
}

/** Show the list and the customer that is chosen. */
export async function openCustomers(id) {
  selected = id || null;
  byId("customers").classList.toggle("chosen", Boolean(selected));
  await Promise.all([attempt(load), edit(selected)]);
}

/** Ask for the first page and the snapshots; of two that are under way, the later one counts. */
async function load(limit = PAGE) {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const started = performance.now();
  try {
    const [page, one, kept] = await Promise.all([
      ask("GET", pageAfter(null, limit), undefined, signal),
      ask("GET", "/customers?limit=1", undefined, signal),
      ask("GET", "/snapshots", undefined, signal),
    ]);
    took = performance.now() - started;
    customers = [];
    counted = { fitting: page.total, all: one.total };
    show(page);
    drawSnapshots(kept.snapshots);
  } catch (problem) {
    if (problem.name !== "AbortError") throw problem;
  }
}

function pageAfter(id, limit) {
  const sought = byId("customers-search").value.trim();
  const asked = new URLSearchParams({ limit, ...(id === null ? {} : { after: id }), ...(sought ? { q: sought } : {}) });
  return `/customers?${asked}`;
}

async function showMore() {
  const { signal } = asking;
  const page = await ask("GET", pageAfter(next, PAGE));
  if (!signal.aborted) show(page); // else another list is shown by now
}

function show(page) {
  customers.push(...page.customers);
  next = page.next;
  draw();
}

function draw() {
  const { fitting, all } = counted;
  const shown = next === null ? "" : `; ${customers.length} are shown`;
  byId("customers-count").textContent = `${fitting === all ? all : `${fitting} of ${all}`} customers${shown}`;
  const more = button("Show more", () => attempt(showMore));
  fill(byId("customer-list"), [...customers.map(lineOf), ...(next === null ? [] : [el("li", { className: "row" }, more)])]);
  if (!customers.length) {
    const cure = all ? "No customer has that. Empty the search to see all." : "This world has no customers. Make one with “New…”, or reset the world.";
    fill(byId("customer-list"), el("li", { className: "empty" }, cure));
  }
}

function lineOf(one) {
  const name = one.profiles?.map((profile) => [profile.firstName, profile.lastName].filter(Boolean).join(" ")).find(Boolean);
  const sources = one.profiles?.map((profile) => profile.source).join(", ");
  return el(
    "li",
    {},
    el(
      "a",
      { className: "line", href: `#customers/${one.id}`, "aria-current": String(one.id) === selected ? "true" : undefined },
      el("strong", {}, String(one.id)),
      el("span", {}, name ?? ""),
      el("span", { className: "spacer" }),
      el("span", { className: "badge" }, one.loyaltyType ?? "merged"),
      el("span", { className: "target muted" }, sources || "no profile"),
    ),
  );
}

async function edit(id) {
  const place = byId("customer");
  if (!id) {
    fill(place, el("p", { className: "empty" }, "Choose a customer to see and change what the rules see."));
    return;
  }
  try {
    const text = laidOut(await askText("GET", `/customers/${encodeURIComponent(id)}`));
    if (text === shown && byId("customer-json")?.dataset.customer === id && byId("customer-json").value === text) return;
    shown = text;
    fill(place, form(id, text));
  } catch (problem) {
    fill(place, back(), el("p", { className: "problem", role: "alert" }, problem.message));
  }
}

/** The way back to the list, where the window is too narrow for both; a customer that is being made has no address. */
function back() {
  const link = el("a", { href: "#customers" }, "← All customers");
  link.addEventListener("click", () => openCustomers());
  return el("p", { className: "back" }, link);
}

function form(id, text, isNew = false) {
  const field = el("textarea", { id: "customer-json", "data-customer": isNew ? undefined : id, value: text, spellcheck: false, rows: 28, className: "code", "aria-describedby": "customer-problem" });
  const problem = el("p", { id: "customer-problem", className: "problem", role: "alert" });
  const made = el(
    "form",
    {},
    back(),
    el("h2", {}, isNew ? `New customer ${id}` : `Customer ${id}`),
    el("label", { for: "customer-json" }, "As JSON, with its audit"),
    field,
    problem,
    el(
      "p",
      { className: "row" },
      el("button", { className: "primary" }, "Save"),
      isNew ? null : button("Read again", () => edit(id)),
      isNew ? null : button("Delete", () => remove(id), { className: "danger" }),
    ),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    save(id, field, problem, isNew);
  });
  return made;
}

async function save(id, field, problem, isNew) {
  try {
    const saved = await askText("PUT", `/customers/${encodeURIComponent(id)}`, field.value);
    field.value = shown = laidOut(saved);
    field.removeAttribute("aria-invalid");
    problem.textContent = "";
    tell(`Customer ${id} is saved.`);
    await load();
    if (isNew) location.hash = `#customers/${id}`;
  } catch (refused) {
    point(field, problem, refused.message);
  }
}

/** Say what is wrong, and select the place in the text that it is about. */
function point(field, problem, message) {
  field.setAttribute("aria-invalid", "true");
  problem.textContent = message;
  const [, path] = /^body\/(.*?): /.exec(message) ?? [null, ""];
  const found = locate(field.value, path);
  if (!found) return;
  field.focus();
  field.setSelectionRange(found.start, found.end);
  const line = field.value.slice(0, found.start).split("\n").length;
  field.scrollTop = (field.scrollHeight / field.value.split("\n").length) * Math.max(0, line - 6);
}

async function make() {
  const number = el("input", { id: "new-id", inputMode: "numeric", autocomplete: "off", required: true, pattern: "[1-9][0-9]{0,18}", value: await freeId() });
  if (!(await put("New customer", [el("label", { for: "new-id" }, "Customer id, in digits"), number], "Go on"))) return;
  byId("customers").classList.add("chosen");
  fill(byId("customer"), form(number.value, DRAFT, true));
  byId("customer-json").focus();
}

/** An id that is free, or close to one, where a thousand follow each other. */
async function freeId() {
  const above = await ask("GET", `/customers?limit=${MOST_AGAIN}&after=${FIRST_ID - 1}`).catch(() => ({ customers: [] }));
  const taken = new Set(above.customers.map((one) => String(one.id)));
  let id = FIRST_ID;
  while (taken.has(String(id))) id += 1;
  return String(id);
}

async function remove(id) {
  if (!(await sure(`Delete customer ${id}?`, "It is gone from this world until you reset the world.", "Delete"))) return;
  const isDone = await attempt(() => ask("DELETE", `/customers/${encodeURIComponent(id)}`), `Customer ${id} is deleted.`);
  if (isDone) location.hash = "#customers";
}

function drawSnapshots(kept) {
  const lines = kept.map(({ name, customers: count }) =>
    el(
      "li",
      { className: "row" },
      el("span", { className: "grow" }, el("strong", {}, name), el("span", { className: "muted" }, ` ${count} customers`)),
      button("Restore", () => restore(name), { "aria-label": `Restore snapshot ${name}` }),
      button("Delete", () => forget(name), { "aria-label": `Delete snapshot ${name}` }),
    ),
  );
  fill(byId("snapshots"), lines.length ? lines : el("li", { className: "empty" }, "None is kept."));
}

async function keepSnapshot(event) {
  event.preventDefault();
  const field = byId("snapshot-name");
  const name = field.value.trim();
  const isDone = await attempt(async () => {
    const kept = await ask("POST", "/snapshots", name ? { name } : {});
    await load();
    return `Snapshot ${kept.name} is kept.`;
  });
  if (isDone) field.value = "";
}

async function restore(name) {
  if (!(await sure(`Restore snapshot ${name}?`, "All customers become what they were then; later changes are lost.", "Restore"))) return;
  await attempt(async () => {
    await ask("POST", `/snapshots/${encodeURIComponent(name)}/restore`);
    await Promise.all([load(), edit(selected)]);
  }, `Snapshot ${name} is restored.`);
}

async function forget(name) {
  await attempt(async () => {
    await ask("DELETE", `/snapshots/${encodeURIComponent(name)}`);
    await load();
  }, `Snapshot ${name} is deleted.`);
}
