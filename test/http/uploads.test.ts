// Uploads in every form: what arrives whole becomes a dataset, what does not leaves no trace.
import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../src/contract/dataset.ts";
import { eventually } from "../server.ts";
import { type Application, expectProblem, type Message, startApplication, expectStatus } from "./service.ts";

const limitBytes = 200_000;
let service: Application;
beforeAll(async () => {
  service = await startApplication({ DELTARULE_UPLOAD_LIMIT_BYTES: String(limitBytes) });
});
afterAll(async () => await service.stop());

const csv = "x,y,inside\n0.1,0.4,yes\n0.9,0.8,no\n0.2,0.3,yes\n";
const semicolons = csv.replaceAll(",", ";");
const file = (text: string | Uint8Array<ArrayBuffer>, type = "text/csv") => new Blob([text], { type });

function form(...fields: [name: string, value: string | Blob, filename?: string][]): Message {
  const body = new FormData();
  for (const [name, value, filename] of fields) {
    if (typeof value === "string") body.append(name, value);
    else body.append(name, value, filename ?? "points.csv");
  }
  return { body };
}

const raw = (body: RequestInit["body"], type: string): Message => ({ body, headers: { "content-type": type } });
const ndjson = '{"x":0.1,"y":0.4,"inside":"yes"}\n{"x":0.9,"y":0.8,"inside":"no"}\n{"x":0.2,"y":0.3,"inside":"yes"}\n';
const rows = ndjson
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as object);

const forms: { what: string; path?: string; message: () => Message; name: string; format: string }[] = [
  { what: "a form with a file", message: () => form(["file", file(csv)]), name: "points", format: "csv" },
  {
    what: "name and options before the file",
    message: () => form(["name", "mine"], ["options", '{"delimiter":";"}'], ["file", file(semicolons)]),
    name: "mine",
    format: "csv",
  },
  {
    what: "name and options after the file",
    message: () => form(["file", file(semicolons)], ["options", '{"delimiter":";"}'], ["name", "mine"]),
    name: "mine",
    format: "csv",
  },
  {
    what: "a form with the name in the query",
    path: "?name=asked",
    message: () => form(["file", file(csv)]),
    name: "asked",
    format: "csv",
  },
  { what: "a raw CSV body", path: "?name=raw", message: () => raw(csv, "text/csv"), name: "raw", format: "csv" },
  {
    what: "what curl --data-binary says",
    path: "?name=curl&format=csv",
    message: () => raw(csv, "application/x-www-form-urlencoded"),
    name: "curl",
    format: "csv",
  },
  { what: "a body without a type", message: () => ({ body: new Blob([csv]) }), name: "dataset", format: "csv" },
  {
    what: "tab-separated values",
    message: () => raw(csv.replaceAll(",", "\t"), "text/tab-separated-values"),
    name: "dataset",
    format: "tsv",
  },
  { what: "NDJSON", message: () => raw(ndjson, "application/x-ndjson"), name: "dataset", format: "ndjson" },
  { what: "rows as JSON", message: () => ({ json: { name: "rows", rows } }), name: "rows", format: "json" },
  { what: "rows as a plain JSON array", message: () => ({ json: rows }), name: "dataset", format: "json" },
  { what: "gzip", message: () => raw(gzipSync(csv), "application/gzip"), name: "dataset", format: "csv" },
  {
    what: "a .csv.gz file in a form",
    message: () => form(["file", file(new Uint8Array(gzipSync(csv)), "application/gzip"), "points.csv.gz"]),
    name: "points",
    format: "csv",
  },
];

test.each(forms)("$what becomes a dataset of three rows", async ({ path = "", message, name, format }) => {
  const answer = await service.call<Dataset>("POST", `/v1/datasets${path}`, message());
  expectStatus(answer, 201);
  expect(answer.body).toMatchObject({ name, format, rows: 3, suggested_target: "y", problems: [] });
  expect(answer.headers.get("location")).toBe(answer.body.links.self);
  expect(await service.workFiles()).toEqual([]);
  const shown = await service.call<{ data: object[] }>("GET", `${answer.body.links.rows}?limit=1`);
  expect(shown.body).toMatchObject({ data: [{ x: 0.1, y: 0.4 }], has_more: true, total: 3 });
});

const refusals: {
  what: string;
  path?: string;
  message: () => Message;
  status: number;
  pointer?: string;
  says: RegExp;
}[] = [
  {
    what: "a form field named wrongly",
    message: () => form(["fiel", file(csv)]),
    status: 422,
    pointer: "#/fiel",
    says: /mean "file"/,
  },
  {
    what: "a file sent as text",
    message: () => form(["file", csv]),
    status: 422,
    pointer: "#/file",
    says: /put an @ before/,
  },
  { what: "a form without a file", message: () => form(["name", "mine"]), status: 422, says: /holds no file/ },
  { what: "no body", message: () => ({}), status: 422, says: /holds no file/ },
  {
    what: "options that are no JSON",
    message: () => form(["options", "{"], ["file", file(csv)]),
    status: 422,
    pointer: "#/options",
    says: /not valid JSON/,
  },
  {
    what: "an unknown option",
    message: () => form(["options", '{"delimeter":";"}'], ["file", file(csv)]),
    status: 422,
    pointer: "#/options/delimeter",
    says: /mean "delimiter"/,
  },
  {
    what: "an unknown format",
    path: "?format=exel",
    message: () => raw(csv, "text/csv"),
    status: 422,
    pointer: "?format",
    says: /Unknown value "exel".*parquet/,
  },
  {
    what: "a query with an unknown name",
    path: "?nam=x",
    message: () => raw(csv, "text/csv"),
    status: 422,
    pointer: "?nam",
    says: /mean "name"/,
  },
  {
    what: "a path as name",
    message: () => form(["name", "../../x"], ["file", file(csv)]),
    status: 422,
    pointer: "#/name",
    says: /Names start with/,
  },
  {
    what: "a quote that does not end",
    message: () => raw('a,b\n"1,2\n3,4\n', "text/csv"),
    status: 422,
    pointer: "#",
    says: /starts in line 2 does not end.*Close the quote/,
  },
  {
    what: "a header and no row",
    message: () => raw("a,b\n", "text/csv"),
    status: 422,
    pointer: "#",
    says: /no data row/,
  },
  { what: "an empty file", message: () => raw("", "text/csv"), status: 422, pointer: "#", says: /file is empty/ },
  {
    what: "JSON without rows",
    message: () => ({ json: { name: "x" } }),
    status: 422,
    pointer: "#/rows",
    says: /"rows" is missing.*Send/,
  },
  {
    what: "JSON with no row",
    message: () => ({ json: { rows: [] } }),
    status: 422,
    pointer: "#/rows",
    says: /"rows" is empty/,
  },
  {
    what: "JSON cut off",
    message: () => raw('{"rows":[{"a":1}', "application/json"),
    status: 422,
    pointer: "#",
    says: /not JSON/,
  },
  {
    what: "a number that is not finite",
    message: () => raw('[{"a":1},{"a":1e999}]', "application/json"),
    status: 422,
    pointer: "#",
    says: /Row 2 has "Infinity" in column "a"/,
  },
  {
    what: "gzip cut off",
    message: () => raw(gzipSync(csv).subarray(0, 30), "application/gzip"),
    status: 422,
    pointer: "#",
    says: /damaged or cut off/,
  },
  {
    what: "nesting 100,000 deep",
    message: () => raw(`[{"a":${"[".repeat(90_000)}${"]".repeat(90_000)}}]`, "application/json"),
    status: 422,
    pointer: "#",
    says: /./,
  },
];

describe("refused with a reason, and nothing is left:", () => {
  test.each(refusals)("$what", async ({ path = "", message, status, pointer, says }) => {
    const before = (await service.call<{ data: Dataset[] }>("GET", "/v1/datasets?limit=100")).body.data.length;
    const problem = expectProblem(await service.call("POST", `/v1/datasets${path}`, message()), status);
    expect(`${problem.detail} ${problem.hint ?? problem.errors[0]?.hint}`).toMatch(says);
    expect(problem.errors.map((error) => error.pointer)).toEqual(pointer === undefined ? [] : [pointer]);
    expect(await service.workFiles()).toEqual([]);
    const after = (await service.call<{ data: Dataset[] }>("GET", "/v1/datasets?limit=100")).body.data.length;
    expect(after).toBe(before);
  });

  const tooMuch = `x,y\n${"1,2\n".repeat(limitBytes / 4)}`;
  test.each([
    { what: "a raw body", message: () => raw(tooMuch, "text/csv") },
    { what: "a form", message: () => form(["name", "large"], ["file", file(tooMuch)]) },
    { what: "a body of unknown length", message: () => raw(new Blob([tooMuch]).stream(), "text/csv") },
    {
      what: "two files that are too large together",
      message: () => form(["file", file(tooMuch.slice(0, limitBytes - 10))], ["file", file(csv)]),
    },
  ])("$what larger than the limit", async ({ message }) => {
    const answer = await service.call("POST", "/v1/datasets", message());
    expect(expectProblem(answer, 413).hint).toMatch(/\.gz|-F file/);
    expect(await service.workFiles()).toEqual([]);
  });
});

test.each([
  { what: "raw", head: "content-type: text/csv", start: csv },
  {
    what: "multipart",
    head: "content-type: multipart/form-data; boundary=b",
    start: `--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${csv}`,
  },
])("a client that goes away in the middle of a $what upload leaves nothing", async ({ head, start }) => {
  const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
  socket.write(`POST /v1/datasets HTTP/1.1\r\nhost: x\r\n${head}\r\ncontent-length: 100000\r\n\r\n${start}`);
  await eventually("the upload is being written", async () => (await service.workFiles()).length >= 2);
  socket.destroy();
  await once(socket, "close");
  await eventually("the work folder is empty", async () => (await service.workFiles()).length === 0);
  expect((await service.call("GET", "/livez")).status).toBe(200);
});

test("many small uploads at once are all stored, each as its own", async () => {
  const rowsOf = (index: number) => 3 + index;
  const text = (index: number) =>
    `a,b\n${Array.from({ length: rowsOf(index) }, (_, row) => `${row},${index}\n`).join("")}`;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      service.call<Dataset>("POST", `/v1/datasets?name=many-${index}`, raw(text(index), "text/csv")),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  expect(answers.map(({ body }) => [body.name, body.rows])).toEqual(
    answers.map((_, index) => [`many-${index}`, rowsOf(index)]),
  );
  expect(await service.workFiles()).toEqual([]);
});
