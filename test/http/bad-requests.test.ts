// Requests that are wrong before anybody looks at a job: bodies, paths, methods, queries, uploads of no use.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problem } from "../../src/contract/problem.ts";
import { type Application, expectProblem, type Message, startApplication } from "./service.ts";

let service: Application;
beforeAll(async () => {
  service = await startApplication();
});
afterAll(async () => await service.stop());

const asJson = (body: string, type = "application/json"): Message => ({ body, headers: { "content-type": type } });

const bodies: { what: string; message: Message; status: number; detail: RegExp; hint: RegExp }[] = [
  {
    what: "a comma too many",
    message: asJson('{"architecture": {"type": "mlp",}}'),
    status: 400,
    detail: /not valid JSON: unexpected } at line 1, column 33\.$/,
    hint: /comma too many/,
  },
  {
    what: "a missing comma",
    message: asJson('{\n  "a": 1\n  "b": 2\n}'),
    status: 400,
    detail: /unexpected " at line 3, column 3\.$/,
    hint: /comma missing/,
  },
  {
    what: "a word without quotes",
    message: asJson('{\n "architecture": {\n  "type": mlp\n}}'),
    status: 400,
    detail: /unexpected mlp at line 3, column 11\.$/,
    hint: /double quotes/,
  },
  {
    what: "single quotes",
    message: asJson("{'a':1}"),
    status: 400,
    detail: /unexpected '/,
    hint: /double quotes only/,
  },
  {
    what: "a body cut off",
    message: asJson('{"a": {"b": 1'),
    status: 400,
    detail: /it ends at line 1/,
    hint: /too early/,
  },
  {
    what: "a comment",
    message: asJson('{"a": 1 // one\n}'),
    status: 400,
    detail: /unexpected \//,
    hint: /no comments/,
  },
  {
    what: "Python's True",
    message: asJson('{"a": True}'),
    status: 400,
    detail: /unexpected True/,
    hint: /true, false/,
  },
  { what: "an empty body", message: asJson(""), status: 400, detail: /^The body is empty\.$/, hint: /JSON object/ },
  { what: "no body", message: {}, status: 400, detail: /^The body is empty\.$/, hint: /JSON object/ },
  {
    what: "white space only",
    message: asJson(" \n "),
    status: 400,
    detail: /^The body is empty\.$/,
    hint: /JSON object/,
  },
  {
    what: "a __proto__ key",
    message: asJson('{"__proto__":{"polluted":1}}'),
    status: 400,
    detail: /has a key __proto__/,
    hint: /Rename/,
  },
  {
    what: "a constructor.prototype key",
    message: asJson('{"constructor":{"prototype":{"polluted":1}}}'),
    status: 400,
    detail: /constructor\.prototype/,
    hint: /Rename/,
  },
  { what: "a list", message: asJson("[]"), status: 422, detail: /Expected an object, got an array of 0/, hint: /./ },
  { what: "XML", message: asJson("<a/>", "application/xml"), status: 415, detail: /does not take/, hint: /JSON/ },
  { what: "a broken content type", message: asJson("{}", "; ;"), status: 415, detail: /not understood/, hint: /JSON/ },
  {
    what: "a body of 1 MiB and 1 byte",
    message: asJson(`"${"x".repeat(2 ** 20 - 1)}"`),
    status: 413,
    detail: /larger/,
    hint: /-F file=@/,
  },
  ...[100, 1_000, 10_000, 100_000].map((depth) => ({
    what: `nesting ${depth} deep`,
    message: asJson('{"a":'.repeat(depth) + "1" + "}".repeat(depth)),
    status: 400,
    detail: /deeper than 32 levels/,
    hint: /./,
  })),
];

describe.each(bodies)("$what", ({ message, status, detail, hint }) => {
  test.each(["/v1/jobs", "/v1/jobs/validate", "/v1/models/iris/predict"])("is refused by POST %s", async (path) => {
    const found = expectProblem(await service.call("POST", path, message), status);
    expect(found.detail).toMatch(detail);
    expect(found.hint ?? found.errors[0].hint).toMatch(hint);
  });
});

test("no request has given all objects a property", () => {
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

const addresses: { call: [method: string, path: string]; status: number; detail: RegExp; hint: RegExp }[] = [
  { call: ["GET", "/v1/job"], status: 404, detail: /no GET \/v1\/job\./, hint: /mean \/v1\/jobs\?/ },
  {
    call: ["GET", "/v1/jobs/job_1/loss.png"],
    status: 404,
    detail: /no GET/,
    hint: /mean \/v1\/jobs\/job_1\/loss\.svg\?/,
  },
  {
    call: ["POST", "/v1/model/iris/predict"],
    status: 404,
    detail: /no POST/,
    hint: /mean \/v1\/models\/iris\/predict\?/,
  },
  { call: ["GET", "/nowhere"], status: 404, detail: /no GET \/nowhere/, hint: /^\/docs lists every call\.$/ },
  { call: ["DELETE", "/v1/jobs"], status: 405, detail: /has no DELETE/, hint: /POST, GET/ },
  { call: ["PUT", "/v1/jobs/job_1"], status: 405, detail: /has no PUT/, hint: /GET, DELETE/ },
  { call: ["GET", "/v1/jobs/job_1"], status: 404, detail: /no job "job_1"/, hint: /GET \/v1\/jobs/ },
  { call: ["GET", "/v1/jobs/%00"], status: 404, detail: /no job/, hint: /GET \/v1\/jobs/ },
  { call: ["GET", "/v1/jobs/..%2f..%2fetc"], status: 404, detail: /no job/, hint: /GET \/v1\/jobs/ },
  { call: ["GET", "/v1/jobs/%zz"], status: 400, detail: /%/, hint: /%25/ },
  { call: ["GET", `/v1/jobs/${"x".repeat(100)}`], status: 404, detail: /at most 64/, hint: /at most 64/ },
  { call: ["GET", `/v1/jobs/${"x".repeat(1000)}`], status: 404, detail: /longer than any/, hint: /docs/ },
  { call: ["GET", "/v1/datasets/ds_1"], status: 404, detail: /no dataset "ds_1"/, hint: /./ },
  { call: ["GET", "/v1/models/iris"], status: 404, detail: /no model "iris"/, hint: /./ },
  { call: ["GET", "/v1/models/a%20b"], status: 404, detail: /^Model names start with/, hint: /./ },
  { call: ["GET", "/v1/models/iris/versions/first"], status: 404, detail: /got "first"/, hint: /./ },
  { call: ["GET", "/v1/architectures/mpl"], status: 404, detail: /"mpl"/, hint: /mean "mlp"/ },
  { call: ["GET", "/v1/jobs?limit=0"], status: 422, detail: /at least 1/, hint: /at least 1/ },
  { call: ["GET", "/v1/jobs?limit="], status: 422, detail: /at least 1/, hint: /at least 1/ },
  { call: ["GET", "/v1/jobs?limit=ten"], status: 422, detail: /number, got "ten"/, hint: /number/ },
  { call: ["GET", "/v1/jobs?status=done"], status: 422, detail: /Unknown value "done"/, hint: /succeeded/ },
  { call: ["GET", "/v1/jobs?state=queued"], status: 422, detail: /field "state"/, hint: /mean "status"/ },
  { call: ["GET", "/v1/jobs?name=a&name=b"], status: 422, detail: /string, got an array/, hint: /./ },
  { call: ["GET", "/v1/jobs/job_1?wait=long"], status: 422, detail: /got "long"/, hint: /number/ },
  { call: ["POST", "/v1/jobs/job_1/cancel"], status: 404, detail: /no job "job_1"/, hint: /./ },
];

test.each(addresses)("$call is refused with $status and says what to do", async ({ call, status, detail, hint }) => {
  const found = expectProblem(await service.call(...call), status);
  expect(found.detail).toMatch(detail);
  expect(found.hint ?? found.errors[0].hint).toMatch(hint);
});

test("405 names the methods there are in Allow", async () => {
  const answer = await service.call("PATCH", "/v1/datasets/ds_1");
  expectProblem(answer, 405);
  expect(answer.headers.get("allow")).toBe("GET, DELETE");
});

test.each(["", " ", '""', "x".repeat(256)])("the Idempotency-Key %j is refused", async (key) => {
  const message = { json: { architecture: { type: "mlp" }, dataset: { rows: [{ a: 1, y: 1 }], target: "y" } } };
  const answer = await service.call("POST", "/v1/jobs", { ...message, headers: { "idempotency-key": key } });
  expect(expectProblem(answer, 400).hint).toMatch(/UUID/);
});

const rawRequests = [
  { what: "no HTTP at all", bytes: "hello\r\n\r\n", status: 400 },
  { what: "TLS", bytes: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", status: 400 },
  { what: "a header line without a colon", bytes: "GET /livez HTTP/1.1\r\nhost: x\r\nbroken\r\n\r\n", status: 400 },
  {
    what: "both Content-Length and Transfer-Encoding",
    bytes: "POST /v1/jobs HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    status: 400,
  },
  {
    what: "headers of 20 KiB",
    bytes: `GET /livez HTTP/1.1\r\nhost: x\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
    status: 431,
  },
];

test.each(rawRequests)("$what on the socket is answered with a problem and closed", async ({ bytes, status }) => {
  const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  socket.write(Buffer.from(bytes, "latin1"));
  await new Promise((resolve) => socket.once("close", resolve));
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toContain("application/problem+json");
  expect(problem.parse(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).status).toBe(status);
});

test("nothing of all this was stored, and the server is well", async () => {
  expect((await service.call("GET", "/v1/jobs")).body).toMatchObject({ data: [] });
  expect(await service.workFiles()).toEqual([]);
  expect((await service.call("GET", "/livez")).status).toBe(200);
});
