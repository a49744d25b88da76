// Try it: one request of the contract, sent from this page, and to be copied.

import { ask, decoded, reach, vendor } from "./asking.js";
import { button, byId, copy, el, fill } from "./elements.js";
import { examplesOf, operationsOf, resolve } from "./contract.js";
import { laidOut } from "./json-text.js";
import { outcomeBadge } from "./wording.js";

const CREDENTIALS = "Basic dGVzdA=="; // any well-formed ones will do, unless the server was started with --auth world
const CUSTOMER = "171891944"; // the page's own

let contract = null;
let current = null;

/** Show the form of an operation, filled as an exchange was sent where one is named. */
export async function openTrying(operationId, exchangeId) {
  try {
    contract ??= await ask("GET", "/contract");
    const operations = operationsOf(contract);
    const named = operations.find((one) => one.id === (operationId || current?.id));
    const wanted = named ?? operations.find((one) => one.requestBody) ?? operations[0];
    if (wanted.id !== current?.id || exchangeId) draw(operations, wanted);
    if (exchangeId) fillFrom(await ask("GET", `/requests/${encodeURIComponent(exchangeId)}`));
  } catch (problem) {
    fill(byId("try-form"), el("p", { className: "problem", role: "alert" }, problem.message));
  }
}

function draw(operations, operation) {
  current = operation;
  const select = el("select", { id: "try-operation" }, operations.map((one) => el("option", { value: one.id, selected: one === operation }, `${one.method} ${one.path}`)));
  select.addEventListener("change", () => {
    location.hash = `#try/${select.value}`;
  });
  const [shown, more] = [operation.parameters.filter((one) => one.in !== "header"), operation.parameters.filter((one) => one.in === "header")];
  const form = byId("try-form");
  fill(
    form,
    el("label", { for: select.id }, "Operation"), select,
    shown.map(fieldOf),
    el("label", { for: "try-authorization" }, "Authorization"),
    el("input", { id: "try-authorization", value: CREDENTIALS, autocomplete: "off", spellcheck: false }),
    el("label", { for: "try-prefer" }, "Prefer: force an answer, such as code=8018"),
    el("input", { id: "try-prefer", value: "", autocomplete: "off", spellcheck: false }),
    more.length ? el("details", {}, el("summary", {}, `${more.length} more headers`), more.map(fieldOf)) : null,
    operation.requestBody ? bodyOf(operation) : null,
    el(
      "p",
      { className: "row" },
      el("button", { className: "primary" }, "Send"),
      button("Copy as curl", () => copy(asCurl(read()), "the request as curl")),
      button("Copy as fetch", () => copy(asFetch(read()), "the request as fetch")),
    ),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    send(read());
  };
}

const idOf = (parameter) => `try-${parameter.in}-${parameter.name}`;

function fieldOf(parameter) {
  const schema = resolve(contract, parameter.schema);
  const choices = schema.enum ?? (schema.type === "boolean" ? ["true", "false"] : null);
  const value = parameter.in === "path" ? CUSTOMER : parameter.required ? String(parameter.example ?? schema.default ?? "") : "";
  const field = choices
    ? el("select", { id: idOf(parameter) }, ["", ...choices].map((one) => el("option", { value: one, selected: one === value }, one === "" ? "(left out)" : one)))
    : el("input", { id: idOf(parameter), value, autocomplete: "off", spellcheck: false });
  return [el("label", { for: field.id, title: parameter.description }, `${parameter.name}${parameter.required ? "" : " (optional)"}`), field];
}

function bodyOf(operation) {
  const examples = examplesOf(contract, operation.requestBody.content["application/json"]);
  const field = el("textarea", { id: "try-body", rows: 16, spellcheck: false, className: "code", value: examples.length ? JSON.stringify(examples[0].value, null, 2) : "{}" });
  const samples = examples.map((one) => button(one.summary ?? one.name, () => { field.value = JSON.stringify(one.value, null, 2); }));
  return [el("label", { for: field.id }, "Body, as JSON"), samples.length > 1 ? el("p", { className: "row small" }, samples) : null, field];
}

/** Read the request from the form: what is empty is left out. */
function read() {
  const valueOf = (parameter) => byId(idOf(parameter)).value;
  const of = (place) => current.parameters.filter((one) => one.in === place && (place === "path" || valueOf(one) !== ""));
  const path = of("path").reduce((address, one) => address.replace(`{${one.name}}`, encodeURIComponent(valueOf(one))), current.path);
  const query = of("query").map((one) => `${encodeURIComponent(one.name)}=${encodeURIComponent(valueOf(one))}`).join("&");
  const body = byId("try-body")?.value;
  const headers = Object.fromEntries([
    ["Authorization", byId("try-authorization").value],
    ["Prefer", byId("try-prefer").value],
    ["Content-Type", body ? "application/json" : ""],
    ...of("header").map((one) => [one.name, valueOf(one)]),
  ].filter(([, value]) => value));
  return { method: current.method, target: `${vendor}${path}${query ? `?${query}` : ""}`, headers, body: body || undefined };
}

async function send(request) {
  const place = byId("try-answer");
  fill(place, el("p", { className: "muted" }, "Waiting for the answer…"));
  const began = performance.now();
  try {
    const { method, headers, body } = request;
    // Without the browser's own credentials a 401 raises no sign-in dialog (Fetch standard, HTTP-network-or-cache fetch).
    const response = await reach(request.target, { method, headers, body, cache: "no-store", credentials: "omit" });
    const text = await response.text();
    show(place, response, text, Math.round(performance.now() - began));
  } catch (problem) {
    const message = problem instanceof TypeError ? "The answer broke off, or cannot be sent so: look at the journal." : problem.message;
    fill(place, el("p", { className: "problem", role: "alert" }, message));
  }
}

function show(place, response, text, milliseconds) {
  const id = response.headers.get("X-Mock-Exchange");
  const body = laidOut(text);
  fill(
    place,
    el("h2", {}, "Answer"),
    el("p", { className: "row" }, outcomeBadge({ status: response.status, code: codeOf(text) }), el("span", { className: "muted" }, `${milliseconds} ms`), id ? el("a", { href: `#journal/${id}` }, `Why? See ${id} in the journal`) : null),
    response.headers.get("X-Mock-Why") ? el("p", { className: "said" }, response.headers.get("X-Mock-Why")) : null,
    el("pre", { tabIndex: 0, "aria-label": "Body of the answer" }, body),
    el("details", {}, el("summary", {}, "Headers"), el("pre", { tabIndex: 0 }, [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join(""))),
  );
}

function codeOf(text) {
  try {
    return JSON.parse(text).errors?.[0]?.code ?? null;
  } catch {
    return null;
  }
}

/** Fill the form as an exchange was sent; its credentials are hidden, so ours stay. */
function fillFrom(exchange) {
  const path = current.path.split("/");
  exchange.path.split("/").forEach((segment, at) => {
    if (path[at]?.startsWith("{")) set(`try-path-${path[at].slice(1, -1)}`, decoded(segment));
  });
  for (const parameter of current.parameters) {
    if (parameter.in === "query") set(idOf(parameter), new URLSearchParams(exchange.query).get(parameter.name) ?? "");
    if (parameter.in === "header") set(idOf(parameter), exchange.request.headers[parameter.name.toLowerCase()] ?? "");
  }
  set("try-prefer", exchange.request.headers.prefer ?? "");
  set("try-body", laidOut(exchange.request.body));
}

/** Put a value into a field; a select gets the option where it has none, so that what was sent can be sent again. */
function set(id, value) {
  const field = byId(id);
  if (!field) return;
  if (field.options && ![...field.options].some((one) => one.value === value)) field.append(el("option", { value }, value));
  field.value = value;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function asCurl({ method, target, headers, body }) {
  const lines = [`curl -i -X ${method} ${quoted(location.origin + target)}`, ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)];
  return [...lines, ...(body ? [`--data-raw ${quoted(body)}`] : [])].join(" \\\n  ");
}

function asFetch({ method, target, headers, body }) {
  const options = { method, headers, ...(body ? { body } : {}) };
  return `const response = await fetch(${JSON.stringify(location.origin + target)}, ${JSON.stringify(options, null, 2)});\nconsole.log(response.status, await response.json());`;
}
