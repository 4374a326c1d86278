// The process that reads untrusted bytes: bounded, killable, and without traces.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ingest, readRows } from "../../src/datasets/ingest.ts";
import { DatasetError } from "../../src/datasets/problems.ts";
import { uploadFolder } from "./uploads.ts";

const { send, sendCsv, leftOver, write, folder } = uploadFolder();
const manyObjects = () =>
  `[${Array.from({ length: 200_000 }, (_, row) => `{"a":${row},"b":"some text ${row}"}`).join(",")}]`;

test("success leaves the table and nothing else", async () => {
  const { parquetPath, sizeBytes } = await sendCsv("a\n1\n2\n");
  expect(leftOver().map((name) => `${folder}/${name}`)).toEqual([parquetPath]);
  expect(sizeBytes).toBeGreaterThan(0);
});

test("its compiled sources are kept where the server keeps its own", async () => {
  const compiled = mkdtempSync(join(tmpdir(), "deltarule-compiled-"));
  vi.stubEnv("NODE_COMPILE_CACHE", compiled);
  try {
    await sendCsv("a\n1\n2\n");
    expect(readdirSync(compiled)).toHaveLength(1); // a folder for this version of Node
  } finally {
    vi.unstubAllEnvs();
    rmSync(compiled, { recursive: true });
  }
});

test("a time limit stops the process and says so", async () => {
  const before = leftOver();
  await expect(send({ content: "a\n1\n", limits: { seconds: 0.02 } })).rejects.toMatchObject({
    code: "invalid_dataset",
    message: "Reading the data took longer than 0.02 s and was stopped.",
  });
  expect(leftOver()).toEqual(before);
});

test("a process that runs out of heap is an answer, not a crash", async () => {
  const before = leftOver();
  const content = manyObjects();
  await expect(send({ content, format: "json", limits: { heapMegabytes: 24 } })).rejects.toMatchObject({
    code: "invalid_dataset",
    message: "Reading the data needs more memory than the 24 MiB allowed.",
  });
  expect(leftOver()).toEqual(before);
});

test("a database that runs out of memory is an answer, too", async () => {
  const content = `a\n${Array.from({ length: 300_000 }, (_, row) => `text number ${row}`).join("\n")}\n`;
  await expect(send({ content, format: "csv", limits: { databaseMegabytes: 8 } })).rejects.toMatchObject({
    code: "invalid_dataset",
    message: "Reading the data needs more memory than the 8 MiB allowed.",
  });
});

test("a process that holds more memory than allowed, whoever took it, is an answer, too", async () => {
  await expect(send({ content: "a\n1\n", limits: { residentMegabytes: 1 } })).rejects.toMatchObject({
    code: "invalid_dataset",
    message: "Reading the data needs more memory than the 1 MiB allowed.",
  });
});

test("an aborted upload ends the process, throws the reason and leaves nothing", async () => {
  const before = leftOver();
  const controller = new AbortController();
  const reason = new Error("client went away");
  const running = ingest({ files: [write(manyObjects())], workFolder: folder }, controller.signal);
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  await expect(ingest({ files: [write("a\n1\n")], workFolder: folder }, controller.signal)).rejects.toBe(reason);
  expect(leftOver()).toEqual(before);
});

test("previews asked for at once all arrive, and leave nothing", async () => {
  const { parquetPath, columns } = await sendCsv("a\n1\n2\n3\n4\n5\n");
  const before = leftOver();
  const pages = Array.from({ length: 5 }, (_, offset) =>
    readRows(parquetPath, columns, { offset, limit: 1, workFolder: folder }),
  );
  expect(await Promise.all(pages)).toEqual([[{ a: 1 }], [{ a: 2 }], [{ a: 3 }], [{ a: 4 }], [{ a: 5 }]]);
  expect(leftOver()).toEqual(before);
});

test("a preview of a missing table fails, and the next is not hindered", async () => {
  const missing = `${folder}/nowhere.parquet`;
  for (let i = 0; i < 3; i++)
    await expect(readRows(missing, [], { offset: 0, limit: 1, workFolder: folder })).rejects.toThrow("cannot be read");
  expect(existsSync(missing)).toBe(false);
});

test("an error carries its problems and the same as faults", () => {
  const problem = {
    row: 3,
    line: 4,
    column: "a",
    value: "x",
    code: "not_a_number",
    severity: "error",
    detail: "Bad.",
    hint: "Fix it.",
  } as const;
  const error = new DatasetError("bad", [problem], 7);
  expect(error).toMatchObject({
    code: "invalid_dataset",
    problemCount: 7,
    problems: [problem],
    faults: [
      { pointer: "", code: "not_a_number", detail: 'Bad. (row 3, line 4, column "a", value "x")', hint: "Fix it." },
    ],
  });
});
