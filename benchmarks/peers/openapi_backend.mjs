// openapi-backend with our contract: each request is validated, and a valid one gets a constant answer.
//   node openapi_backend.mjs CONTRACT.json PORT
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { OpenAPIBackend } from "openapi-backend";

const [contract, port] = process.argv.slice(2);
const definition = JSON.parse(readFileSync(contract, "utf8"));
const update = '{"createdId":171891944,"warnings":[],"sideEffects":[]}';

const api = new OpenAPIBackend({
  definition,
  strict: false,
  quick: true,
  ajvOpts: { strict: false },
  handlers: {
    updateCustomer: () => ({ status: 200, body: update }),
    validationFail: (context) => ({ status: 400, body: JSON.stringify(context.validation.errors) }),
    notFound: () => ({ status: 404, body: "{}" }),
    notImplemented: () => ({ status: 501, body: "{}" }),
  },
});
await api.init();

function answer(response, { status, body }) {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    const [path, query = ""] = request.url.split("?");
    const asked = { method: request.method, path, query, headers: request.headers, body: Buffer.concat(parts).toString() };
    answer(response, await api.handleRequest(asked));
  });
}).listen(Number(port), "127.0.0.1");
