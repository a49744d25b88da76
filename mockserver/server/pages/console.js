// The console: which view is shown, and the world.

import { ask, control, decoded, homeOf } from "./asking.js";
import { attempt, byId, el, put, sure, tell } from "./elements.js";
import { openCustomers, startCustomers } from "./customers.js";
import { openFaults, startFaults } from "./faults.js";
import { openExchange, startJournal } from "./journal.js";
import { openSettings, startSettings } from "./settings.js";
import { openTrying } from "./trying.js";

const VIEWS = { journal: openExchange, customers: openCustomers, errors: openFaults, settings: openSettings, try: openTrying };

let world = { name: "", default: true };

/** Show the view that the address names: `#VIEW/WHAT/…`. */
function showView() {
  const [named, ...rest] = location.hash.slice(1).split("/").map(decoded);
  if (named === "content") return;
  const view = Object.hasOwn(VIEWS, named) ? named : "journal";
  for (const name of Object.keys(VIEWS)) byId(name).hidden = name !== view;
  for (const link of document.querySelectorAll(".views a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  VIEWS[view](...rest);
}

async function loadWorlds() {
  const { worlds } = await ask("GET", "/worlds");
  const mine = /\/_mock\/w\/([^/]+)\/_mock$/.exec(control);
  world = worlds.find((one) => (mine ? one.name === decoded(mine[1]) : one.default)) ?? world;
  const select = byId("world");
  select.replaceChildren(...worlds.map((one) => el("option", { value: homeOf(one), selected: one === world }, `${one.name}${one.default ? " (default)" : ""}`)));
  byId("delete-world").hidden = world.default;
  document.title = `${world.name} · customer-mockserver`;
}

async function fork() {
  const name = el("input", { id: "fork-name", required: true, autocomplete: "off", pattern: "[A-Za-z0-9._\\-]{1,64}" });
  const help = el("p", { className: "muted" }, "It begins with the customers as they are now, and shares nothing after that. Letters, digits, dots, hyphens, underscores.");
  if (!(await put(`Fork ${world.name}`, [el("label", { for: name.id }, "Name of the new world"), name, help], "Fork"))) return;
  await attempt(async () => {
    await ask("POST", "/worlds", { name: name.value, from: world.name });
    location.assign(homeOf({ name: name.value }));
  });
}

async function reset() {
  if (!(await sure(`Reset ${world.name}?`, "Its customers become those of its seed again; the journal and the faults stay.", "Reset"))) return;
  if (await attempt(() => ask("POST", "/reset"), `World ${world.name} is as at its start.`)) showView();
}

async function removeWorld() {
  if (!(await sure(`Delete world ${world.name}?`, "Its customers, journal, faults and snapshots are lost.", "Delete"))) return;
  await attempt(async () => {
    await ask("DELETE", `/worlds/${encodeURIComponent(world.name)}`);
    location.assign(homeOf({ default: true }));
  });
}

function start() {
  byId("docs-link").href = `${control}/docs`;
  byId("world").addEventListener("change", (event) => location.assign(event.target.value));
  byId("fork").addEventListener("click", fork);
  byId("reset").addEventListener("click", reset);
  byId("settle").addEventListener("click", () => attempt(() => ask("POST", "/settle"), "All background work is done."));
  byId("delete-world").addEventListener("click", removeWorld);
  startJournal();
  startCustomers();
  startFaults();
  startSettings();
  addEventListener("hashchange", () => {
    tell("");
    showView();
  });
  showView();
  attempt(loadWorlds);
  ask("GET", "/health").then(({ version }) => byId("version").replaceChildren(version), () => {});
}

start();
