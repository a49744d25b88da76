// What the server is asked: the control plane of this page's world, and the vendor's paths in that world.

const place = /^(.*\/_mock)(?:\/docs)?\/?$/.exec(location.pathname);

/** Where the control plane of this page's world is: `…/_mock`, or `…/_mock/w/NAME/_mock`. */
export const control = place ? place[1] : "/_mock";

/** Where the vendor's paths of this page's world begin: `…`, or `…/_mock/w/NAME`. */
export const vendor = control.slice(0, -"/_mock".length);

/** Where the server's own control plane is, behind whatever path a proxy has put in front of it. */
const root = /^(.*\/_mock)\/w\/[^/]+\/_mock$/.exec(control)?.[1] ?? control;

/** The page of a world. */
export const homeOf = (world) => (world.default ? `${root}/` : `${root}/w/${encodeURIComponent(world.name)}/_mock/`);

/** Return a part of an address without its percent-encoding; what is no such encoding stays as it is. */
export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A refusal, or no answer at all (status 0); the message is the server's own. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Read JSON; a whole number that JavaScript would round stays the text that it was. */
export function parsed(text) {
  return JSON.parse(text, (_name, value, context) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value,
  );
}

/** Ask the control plane; a body is text, or what becomes JSON; `signal` aborts. Returns the answer's text. */
export async function askText(method, path, body, signal) {
  const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const headers = sent === undefined ? {} : { "Content-Type": "application/json" };
  const response = await reach(control + path, { method, headers, body: sent, cache: "no-store", signal });
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  return text;
}

/** Ask the control plane and read the JSON that it answers; null where there is none. */
export async function ask(method, path, body, signal) {
  const text = await askText(method, path, body, signal);
  return text ? parsed(text) : null;
}

/** Fetch, with a failure that says what to do. */
export async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Refused(0, "The server gives no answer: it has stopped, or a fault cut the connection.");
  }
}

function refusal(status, text) {
  let message = `The server answers ${status}.`;
  try {
    message = JSON.parse(text).errors[0].message;
  } catch {
    // no envelope: the status has to do
  }
  return new Refused(status, message);
}

/** Follow the exchanges after one: `hear` gets each; resolves when the server ends the stream. `signal` aborts it. */
export async function follow(after, { open, hear, signal }) {
  const response = await reach(`${control}/events?after=${encodeURIComponent(after)}`, { signal, cache: "no-store" });
  if (!response.ok) throw refusal(response.status, await response.text());
  open();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const line = event.split("\n").find((one) => one.startsWith("data: "));
      if (line) hear(parsed(line.slice("data: ".length)));
    }
  }
}
