// The clock of this world, and its dialect: one answer to every question that the vendor's page leaves open.

import { ask } from "./asking.js";
import { attempt, byId, el, fill, sure, tell, whenTyped } from "./elements.js";

const TICK_MILLISECONDS = 1000;

let questions = null;
let dialect = {};

export function startSettings() {
  byId("freeze-form").addEventListener("submit", (event) => setClock(event, { frozen: byId("freeze").value.trim() || byId("clock-now").textContent }));
  byId("advance-form").addEventListener("submit", (event) => setClock(event, { advance: byId("advance").value.trim() }));
  byId("clock-real").addEventListener("click", (event) => setClock(event, { real: true }));
  byId("dialect-ours").addEventListener("click", takeOurs);
  byId("questions-changed").addEventListener("change", draw);
  whenTyped(byId("questions-filter"), draw);
  setInterval(() => {
    if (!byId("settings").hidden && !document.hidden) ask("GET", "/clock").then(showClock, () => {});
  }, TICK_MILLISECONDS);
}

/** Show both; a question that is named comes into view. */
export async function openSettings(question) {
  await attempt(async () => {
    showClock(await ask("GET", "/clock"));
    [questions, dialect] = await Promise.all([questions ?? readQuestions(), ask("GET", "/dialect")]);
    if (question) byId("questions-filter").value = question;
    draw();
  });
  if (question) document.getElementById(`question-${question}`)?.scrollIntoView({ block: "center" });
}

const readQuestions = async () => (await ask("GET", "/questions")).questions;

async function setClock(event, asked) {
  event.preventDefault();
  const place = byId("clock-error");
  place.textContent = "";
  try {
    showClock(await ask("PUT", "/clock", asked));
  } catch (problem) {
    place.textContent = problem.message;
  }
}

function showClock({ now, frozen }) {
  byId("clock-now").textContent = now;
  const badge = byId("clock-state");
  badge.textContent = frozen ? "frozen" : "runs";
  badge.className = `badge ${frozen ? "forced" : "good"}`;
}

function draw() {
  const wanted = byId("questions-filter").value.trim().toLowerCase();
  const onlyChanged = byId("questions-changed").checked;
  const isChanged = (one) => dialect[one.id] !== one.ours;
  const fitting = (questions ?? []).filter((one) => `${one.id} ${one.asks}`.toLowerCase().includes(wanted) && (!onlyChanged || isChanged(one)));
  const changed = (questions ?? []).filter(isChanged).length;
  byId("questions-count").textContent = `${fitting.length} of ${questions?.length ?? 0} questions; ${changed} answered otherwise than by us`;
  byId("dialect-ours").disabled = changed === 0;
  const none = onlyChanged && !changed ? "Every question has our answer." : "No question has that. Empty the filter to see all.";
  fill(byId("questions"), fitting.length ? fitting.map(questionOf) : el("li", { className: "empty" }, none));
}

function questionOf(one) {
  const answer = dialect[one.id];
  const select = el("select", { id: `answer-${one.id}` }, one.implemented.map((name) => el("option", { value: name, selected: name === answer }, name === one.ours ? `${name} (ours)` : name)));
  const problem = el("p", { className: "problem", role: "alert" });
  select.addEventListener("change", () => choose(one, select, problem));
  return el(
    "li",
    { className: "card question", id: `question-${one.id}` },
    el(
      "div",
      { className: "row" },
      el("label", { for: select.id, className: "grow" }, el("strong", {}, one.id), answer === one.ours ? null : el("span", { className: "badge forced" }, "changed"), el("span", { className: "asks" }, one.asks)),
      select,
    ),
    el("p", {}, `Now: ${one.answers[answer] ?? answer}.`),
    problem,
    el(
      "details",
      {},
      el("summary", {}, "Evidence and our reason"),
      el("p", {}, one.evidence),
      el("p", {}, `Ours (${one.basis}): ${one.reason}`),
      el("ul", {}, Object.entries(one.answers).map(([name, means]) => el("li", {}, el("code", {}, name), `: ${means}${one.implemented.includes(name) ? "" : " (not implemented)"}`))),
    ),
  );
}

async function choose(one, select, problem) {
  try {
    dialect = await ask("PUT", "/dialect", { [one.id]: select.value });
    tell(`${one.id} is answered ${select.value}.`);
    draw();
    byId(select.id)?.focus();
  } catch (refused) {
    select.value = dialect[one.id];
    problem.textContent = refused.message;
  }
}

async function takeOurs() {
  if (!(await sure("Back to our answers?", "Every question of this world gets our answer again.", "Back to ours"))) return;
  await attempt(async () => {
    dialect = await ask("PUT", "/dialect", Object.fromEntries(questions.map((one) => [one.id, one.ours])));
    draw();
  }, "Every question has our answer.");
}
