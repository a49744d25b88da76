// A contract (OpenAPI 3.1) as the pages read it: its operations, with references followed.

const METHODS = new Set(["get", "put", "post", "delete", "patch", "head", "options"]);

/** Follow a `$ref` within the document. */
export function resolve(document, node) {
  let found = node;
  while (found?.$ref) {
    found = found.$ref.slice(2).split("/").reduce((at, step) => at?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], document);
  }
  return found ?? {};
}

/** List the operations of a contract, each with its method, path and parameters. */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).filter((name) => METHODS.has(name)).map((method) => ({
      ...item[method],
      id: item[method].operationId,
      method: method.toUpperCase(),
      path,
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((one) => resolve(document, one)),
      requestBody: item[method].requestBody ? resolve(document, item[method].requestBody) : null,
    })),
  );
}

/** Return the media types of a body or response as pairs: the type, and what is said of it. */
export const contentsOf = (node) => Object.entries(node?.content ?? {});

/** Return the examples of a body or response by name; each has a `value`, and perhaps `summary` and `description`. */
export function examplesOf(document, content) {
  const named = Object.entries(content?.examples ?? {}).map(([name, one]) => ({ name, ...resolve(document, one) }));
  return content?.example === undefined ? named : [{ name: "example", value: content.example }, ...named];
}

/** Say in words what values a schema takes. */
export function typeOf(document, node) {
  const schema = resolve(document, node);
  if (schema.enum) return `one of ${schema.enum.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(", ")}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((one) => typeOf(document, one)))].join(" or ");
  if (schema.allOf && !schema.type) return [...new Set(schema.allOf.map((one) => typeOf(document, one)))].join(" and ");
  const kinds = [schema.type ?? "any"].flat().map((kind) => (kind === "array" ? `list of ${typeOf(document, schema.items ?? {})}` : kind));
  return [kinds.join(" or "), schema.format ? `(${schema.format})` : ""].filter(Boolean).join(" ");
}

/** Say in words what else a schema asks of a value. */
export function limitsOf(document, node) {
  const schema = resolve(document, node);
  const said = [
    ["minLength", "at least", "characters"], ["maxLength", "at most", "characters"],
    ["minItems", "at least", "items"], ["maxItems", "at most", "items"],
    ["minimum", "from", ""], ["maximum", "to", ""],
  ].filter(([name]) => schema[name] !== undefined).map(([name, before, after]) => `${before} ${schema[name]} ${after}`.trim());
  const form = schema["x-form"] ?? (schema.pattern ? `pattern ${schema.pattern}` : "");
  const usual = schema.default === undefined ? "" : `${JSON.stringify(schema.default)} where left out`;
  return [...said, form, usual].filter(Boolean).join(", ");
}

/** List the members of a schema with those within them: their path, depth, schema, and whether they are required. */
export function membersOf(document, node, path = "", depth = 0, within = []) {
  const schema = resolve(document, node);
  if (within.includes(schema) || depth > 8) return [];
  const inside = [...within, schema];
  const parts = [schema, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((one) => resolve(document, one));
  const rows = new Map();
  const add = (row) => rows.has(row.path) || rows.set(row.path, row);
  for (const part of parts) {
    for (const [name, member] of Object.entries(part.properties ?? {})) {
      const at = path ? `${path}.${name}` : name;
      add({ path: at, depth, schema: member, required: (part.required ?? []).includes(name) });
      membersOf(document, member, at, depth + 1, inside).forEach(add);
    }
    if (part.items) membersOf(document, part.items, `${path}[]`, depth, inside).forEach(add);
    if (typeof part.additionalProperties === "object") add({ path: `${path ? `${path}.` : ""}…`, depth, schema: part.additionalProperties, required: false });
  }
  return [...rows.values()];
}
