// The API reference: the contract of this page's world, and the contract of the control plane, to be read.

import { ask, control, decoded } from "./asking.js";
import { contentsOf, examplesOf, limitsOf, membersOf, operationsOf, resolve, typeOf } from "./contract.js";
import { byId, copyButton, el, fill, paragraphs, tell, whenTyped, worded } from "./elements.js";

const sections = []; // of operations: { id, place, entry, text }

async function start() {
  byId("console-link").href = `${control}/`;
  whenTyped(byId("filter"), filter);
  try {
    draw("vendor", await ask("GET", "/contract"), true);
    draw("control", await ask("GET", "/pages/control.json"), false);
  } catch (problem) {
    tell(problem.message, { bad: true });
  }
  filter();
  addEventListener("hashchange", reveal);
  reveal();
}

function draw(part, document, isTried) {
  const operations = operationsOf(document);
  fill(byId(`${part}-text`), el("p", { className: "muted" }, `${document.info.title}, version ${document.info.version}`), paragraphs(document.info.description));
  fill(byId(`${part}-operations`), operations.map((one) => sectionOf(document, one, isTried)));
  const entries = operations.map((one) => {
    const entry = el("li", {}, el("a", { href: `#${one.id}` }, el("span", { className: "method" }, one.method), " ", one.summary ?? one.path));
    const place = byId(one.id);
    sections.push({ place, entry, text: place.textContent.toLowerCase() });
    return entry;
  });
  byId("contents").append(el("h2", {}, byId(`${part}-heading`).textContent), el("ul", { className: "plain-list" }, entries));
}

function sectionOf(document, operation, isTried) {
  return el(
    "section",
    { id: operation.id, className: "card operation", "aria-labelledby": `${operation.id}-heading` },
    el("h2", { id: `${operation.id}-heading` }, operation.summary ?? operation.id),
    el("p", { className: "address" }, el("span", { className: "method" }, operation.method), " ", el("code", {}, operation.path)),
    el("p", { className: "row small" }, el("a", { href: `#${operation.id}` }, "Link to this"), isTried ? el("a", { href: `${control}/#try/${operation.id}` }, "Try it in the console") : null),
    paragraphs(operation.description),
    operation.parameters.length ? [el("h3", {}, "Parameters"), parametersOf(document, operation)] : null,
    operation.requestBody ? [el("h3", {}, "Body"), paragraphs(operation.requestBody.description), contentsOf(operation.requestBody).map(([media, content]) => contentOf(document, media, content))] : null,
    el("h3", {}, "Responses"),
    Object.entries(operation.responses).map(([status, response]) => responseOf(document, operation.id, status, resolve(document, response))),
  );
}

function table(label, heads, rows) {
  const head = el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name)));
  return el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": label }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows)));
}

function parametersOf(document, { parameters }) {
  return table("Parameters", ["Name", "In", "Type", "Meaning"], parameters.map((one) =>
    el("tr", {}, el("th", { scope: "row" }, el("code", {}, one.name), required(one.required)), el("td", {}, one.in), el("td", {}, typesOf(document, one.schema)), el("td", {}, worded(one.description ?? ""))),
  ));
}

const required = (isRequired) => (isRequired ? el("span", { className: "badge refused" }, "required") : null);

function typesOf(document, schema) {
  const limits = limitsOf(document, schema);
  return [el("span", {}, typeOf(document, schema)), limits ? el("span", { className: "muted" }, ` ${limits}`) : null];
}

function contentOf(document, media, content) {
  const rows = membersOf(document, content.schema ?? {}).map((one) =>
    el("tr", {}, el("th", { scope: "row" }, el("code", { className: `depth-${Math.min(one.depth, 5)}` }, one.path), required(one.required)), el("td", {}, typesOf(document, one.schema)), el("td", {}, worded(meaningOf(document, one.schema)))),
  );
  return [
    el("p", { className: "muted" }, media),
    rows.length ? table(`Members, ${media}`, ["Member", "Type", "Meaning"], rows) : el("p", {}, typesOf(document, content.schema ?? {})),
    examplesOf(document, content).map(exampleOf),
  ];
}

/** What is said of a member: at its place, else at what it refers to. */
const meaningOf = (document, schema) => (schema.description ?? resolve(document, schema).description ?? "").trim();

function exampleOf(example) {
  const text = JSON.stringify(example.value, null, 2);
  return el(
    "details",
    { className: "example" },
    el("summary", {}, el("code", {}, example.name), example.summary ? ` ${example.summary}` : ""),
    paragraphs(example.description),
    el("pre", { tabIndex: 0 }, text),
    copyButton("Copy", text, "the example"),
  );
}

function responseOf(document, operationId, status, response) {
  const kind = status < "300" ? "good" : status < "500" ? "refused" : "failed";
  return el(
    "details",
    { className: "response", id: `${operationId}-${status}` },
    el("summary", {}, el("span", { className: `badge ${kind}` }, status), " ", worded(response.description ?? "")),
    contentsOf(response).map(([media, content]) => contentOf(document, media, content)),
  );
}

/** Show the operations that have the text somewhere. */
function filter() {
  const wanted = byId("filter").value.trim().toLowerCase();
  let shown = 0;
  for (const { place, entry, text } of sections) {
    const fits = text.includes(wanted);
    place.hidden = entry.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  byId("filter-count").textContent = `${shown} of ${sections.length} operations`;
}

/** Open what the address names, and bring it into view. */
function reveal() {
  const place = byId(decoded(location.hash.slice(1)));
  if (!place || place.id === "content") return;
  if (place.tagName === "DETAILS") place.open = true;
  place.scrollIntoView();
}

start();
