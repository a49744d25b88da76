// Errors and faults: presets, slowness, the rules that are set, and every code for the next request.

import { ask } from "./asking.js";
import { attempt, button, byId, copyButton, el, fill, seldom, whenTyped, worded } from "./elements.js";
import { countsOf, effectOf, scopeOf } from "./wording.js";

const SLOWNESS = "console slowness"; // name of the rule that the slider sets

let codes = null;
let rules = [];

export function startFaults() {
  const slider = byId("delay");
  slider.addEventListener("input", () => showDelay(Number(slider.value)));
  slider.addEventListener("change", () => setDelay(Number(slider.value)));
  byId("rules-clear").addEventListener("click", () => act(() => ask("DELETE", "/faults"), "All fault rules are removed."));
  whenTyped(byId("codes-filter"), drawCodes);
  const loadSoon = seldom(() => byId("errors").hidden || load().catch(() => {}), 200); // counts only: the next action tells
  document.addEventListener("exchange", loadSoon);
}

export async function openFaults() {
  await attempt(load);
  if (!codes) await attempt(loadCodes);
}

/** Do something about the rules and show them as they are then. */
async function act(action, done) {
  await attempt(async () => {
    await action();
    await load();
  }, done);
}

async function load() {
  const listed = await ask("GET", "/faults");
  rules = listed.faults;
  drawRules();
  drawPresets(listed.presets);
  const slow = rules.find((rule) => rule.name === SLOWNESS && !rule.spent);
  byId("delay").value = slow?.do.delay.milliseconds ?? 0;
  showDelay(Number(byId("delay").value));
}

const isOn = (rule) => rule.enabled && !rule.spent;

function drawPresets(presets) {
  fill(byId("presets"), presets.map(({ name, does }) => {
    const set = rules.filter((rule) => rule.preset === name && isOn(rule));
    const mark = el("input", { type: "checkbox", checked: set.length > 0, id: `preset-${name}`, "aria-describedby": `preset-${name}-does` });
    mark.setAttribute("role", "switch");
    mark.addEventListener("change", () => switchPreset(name, set, mark.checked));
    return el(
      "li",
      {},
      el("label", { className: "check", for: mark.id }, mark, el("strong", {}, name)),
      el("p", { id: `preset-${name}-does`, className: "muted" }, worded(does)),
    );
  }));
}

function switchPreset(name, set, isWanted) {
  if (isWanted) return act(() => ask("POST", "/faults", { preset: name }), `Preset ${name} is on.`);
  return act(() => Promise.all(set.map((rule) => ask("DELETE", `/faults/${rule.id}`))), `Preset ${name} is off.`);
}

const showDelay = (milliseconds) => fill(byId("delay-shown"), `${milliseconds} ms`);

async function setDelay(milliseconds) {
  const set = rules.filter((rule) => rule.name === SLOWNESS);
  const done = milliseconds ? `Every answer comes ${milliseconds} ms later.` : "Answers come at once again.";
  await act(async () => {
    await Promise.all(set.map((rule) => ask("DELETE", `/faults/${rule.id}`)));
    if (milliseconds) await ask("POST", "/faults", { name: SLOWNESS, do: { delay: { milliseconds } } });
  }, done);
}

function drawRules() {
  byId("rules-empty").hidden = rules.length > 0;
  byId("rules-clear").hidden = rules.length === 0;
  fill(byId("rules"), rules.map(ruleOf));
}

function ruleOf(rule) {
  const title = rule.preset ?? rule.name ?? "";
  return el(
    "li",
    { className: `row${isOn(rule) ? "" : " off"}` },
    el(
      "span",
      { className: "grow" },
      el("strong", {}, rule.id), title ? ` ${title}: ` : " ", effectOf(rule), ", ", scopeOf(rule),
      el("span", { className: "muted" }, ` · ${countsOf(rule)}${rule.enabled ? "" : ", switched off"}`),
    ),
    rule.spent
      ? null
      : button(rule.enabled ? "Switch off" : "Switch on", () => act(() => ask("PUT", `/faults/${rule.id}`, { enabled: !rule.enabled }), ""), {
          "aria-label": `${rule.enabled ? "Switch off" : "Switch on"} rule ${rule.id}`,
        }),
    button("Remove", () => act(() => ask("DELETE", `/faults/${rule.id}`), `Rule ${rule.id} is removed.`), { "aria-label": `Remove rule ${rule.id}` }),
  );
}

async function loadCodes() {
  codes = (await ask("GET", "/errors")).errors;
  drawCodes();
}

function drawCodes() {
  const wanted = byId("codes-filter").value.trim().toLowerCase();
  const fitting = (codes ?? []).filter((one) => `${one.name} ${one.status} ${one.message} ${one.summary} ${one.description}`.toLowerCase().includes(wanted));
  byId("codes-count").textContent = `${fitting.length} of ${codes?.length ?? 0}`;
  fill(byId("codes"), fitting.length ? fitting.map(codeOf) : el("li", { className: "empty" }, "No code has that. Empty the filter to see all."));
}

function codeOf(one) {
  return el(
    "li",
    { className: "card" },
    el(
      "p",
      { className: "row" },
      el("strong", { className: "number" }, one.name),
      el("span", { className: `badge ${one.warning ? "cut" : one.status < 500 ? "refused" : "failed"}` }, `${one.status} ${one.warning ? "warning" : "error"}`),
      el("span", { className: "spacer" }),
      button("Next request", () => act(() => ask("POST", "/faults", nextRequest(one)), `The next request is answered ${one.name}.`), { "aria-label": `Answer the next request with ${one.name}` }),
    ),
    el("p", {}, one.message),
    el("details", {}, el("summary", {}, "When it comes, and how to force it"), whenOf(one)),
  );
}

const nextRequest = (one) => ({
  do: { answer: one.name === String(one.code) ? { code: one.code } : { example: one.name } },
  times: 1,
});

function whenOf(one) {
  const { prefer, customer, answers } = one.forced;
  const where = Object.entries(answers).map(([question, answer]) => `${question} is ${answer}`);
  return [
    el("p", {}, one.description || one.summary),
    one.earned ? el("p", {}, "Earned by: ", el("code", {}, shortOf(one.earned.request)), ` ${one.earned.title}`) : el("p", {}, `Not earned: ${one.unearned}`),
    el("p", {}, "Forced by the header ", el("code", {}, `Prefer: ${prefer}`), customer ? " or the customer id " : "", customer ? el("code", {}, String(customer)) : "", where.length ? ` where ${where.join(", ")}` : "", "."),
    copyButton("Copy header", `Prefer: ${prefer}`, "the header"),
  ];
}

const shortOf = (request) => `${request.method} ${request.path}${request.query ? `?${request.query}` : ""}${request.repeat > 1 ? "" : ` ${request.body}`}`.trim();
