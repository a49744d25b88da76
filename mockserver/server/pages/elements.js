// Elements of the page. Text only ever goes in as text: nothing here, or in any other module, makes HTML of a string.

/** Make an element. `props` are its properties, `aria-…`, `data-…`, `role` and `for` attributes; children are elements or text. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (/^(aria-|data-|role$|for$)/.test(name)) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Replace what an element holds. */
export function fill(place, ...children) {
  place.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
}

/** Tell the reader what was done, or what went wrong; a screen reader says it, too. */
export function tell(message, { bad = false } = {}) {
  const place = byId("notice");
  place.classList.toggle("bad", bad);
  place.textContent = message;
}

/** Run an action of the reader and show what went wrong with it; true where it was done. */
export async function attempt(action, done = "") {
  try {
    const said = await action();
    tell(typeof said === "string" ? said : done);
    return true;
  } catch (problem) {
    tell(problem.message, { bad: true });
    return false;
  }
}

export function button(label, action, props = {}) {
  const made = el("button", { type: "button", ...props }, label);
  made.addEventListener("click", action);
  return made;
}

/** Copy a text; where the browser forbids it, show the text to be copied by hand. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    tell(`Copied ${what}.`);
  } catch {
    const field = el("textarea", { value: text, readOnly: true, rows: 10, "aria-label": what });
    await put("Copy this", [field], "Done", { onOpen: () => field.select(), onlyOk: true });
  }
}

export const copyButton = (label, text, what) => button(label, () => copy(text, what));

/** Ask the reader in a dialog; true where the action is taken. */
export function put(title, content, action, { onOpen, onlyOk = false, danger = false } = {}) {
  const dialog = byId("question");
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "question-title" }, title),
    content,
    el(
      "p",
      { className: "row" },
      el("button", { value: "yes", className: danger ? "danger" : "primary" }, action),
      onlyOk ? null : el("button", { value: "no", type: "button" }, "Cancel"),
    ),
  );
  form.querySelector("button[value=no]")?.addEventListener("click", () => dialog.close("no"));
  fill(dialog, form);
  dialog.returnValue = "no";
  dialog.showModal();
  onOpen?.();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

export const sure = (title, words, action) => put(title, [el("p", {}, words)], action, { danger: true });

/** A text with `code` in backticks, as children of an element. */
export function worded(text) {
  return text.split("`").map((part, at) => (at % 2 ? el("code", {}, part) : part));
}

/** The paragraphs of a description, which is simple Markdown: blank lines and backticks. */
export function paragraphs(text) {
  return (text ?? "")
    .trim()
    .split(/\n\s*\n/)
    .filter(Boolean)
    .map((part) => el("p", {}, worded(part.replace(/\s*\n\s*/g, " "))));
}

/** Call a function when the reader pauses typing in a field. */
export function whenTyped(field, action) {
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(action, 80);
  });
}

/** Return a function that does an action soon, and at most once in so many milliseconds however often it is called. */
export function seldom(action, milliseconds) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      action();
    }, milliseconds);
  };
}
