// JSON as text: laid out, and places found in it, without ever changing a number or a text (`25.0` stays `25.0`).

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

const isJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Return JSON laid out over lines; any other text as it is. */
export function laidOut(text) {
  if (!isJson(text)) return text;
  let depth = 0;
  let before = "";
  let out = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "}" || token === "]") {
      depth -= 1;
      out += before === "{" || before === "[" ? token : line() + token;
    } else {
      if (before === "{" || before === "[" || before === ",") out += line();
      out += token === ":" ? ": " : token;
      if (token === "{" || token === "[") depth += 1;
    }
    before = token;
  }
  return out;
}

/** Return where the value at a path such as `profiles/0/firstName` stands in a JSON text, or what is nearest around it. */
export function locate(text, path) {
  if (!isJson(text)) return null;
  const tokens = [...text.matchAll(TOKEN)].map((found) => ({ text: found[0], start: found.index, end: found.index + found[0].length }));
  let at = 0;
  const skip = () => {
    let depth = 0;
    do {
      const token = tokens[at].text;
      depth += token === "{" || token === "[" ? 1 : token === "}" || token === "]" ? -1 : 0;
      at += 1;
    } while (depth > 0);
  };
  for (const step of path.split("/").filter(Boolean)) {
    const opened = at;
    if (!enter(step)) {
      at = opened;
      break;
    }
  }
  const first = tokens[at];
  skip();
  return { start: first.start, end: tokens[at - 1].end };

  function enter(step) {
    const opening = tokens[at].text;
    if (opening !== "{" && opening !== "[") return false;
    at += 1;
    for (let index = 0; tokens[at].text !== "}" && tokens[at].text !== "]"; index += 1) {
      const name = opening === "{" ? JSON.parse(tokens[at].text) : String(index);
      at += opening === "{" ? 2 : 0;
      if (name === step) return true;
      skip();
      if (tokens[at].text === ",") at += 1;
    }
    return false;
  }
}
