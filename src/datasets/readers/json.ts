// JSON: an array of objects, one object per line (NDJSON), or the envelope {"name", "rows", "options"} of the contract.
import { readFileSync } from "node:fs";
import type { Cell, DatasetOptions } from "../../contract/dataset.ts";
import { type Fault, jsonPointer } from "../../errors.ts";
import type { ProblemList } from "../problems.ts";
import { maximumLineBytes } from "./csv.ts";
import { asUtf8 } from "./encoding.ts";
import { checkText } from "./plain-file.ts";
import { checkNames, maximumColumns } from "./raw-table.ts";
import type { ReadRequest, RawTable } from "./raw-table.ts";

/** Calls `visit` with every row: what was parsed, its number and its line (null in a JSON array). */
type EachRow = (visit: (value: unknown, row: number, line: number | null) => void) => void;

interface Envelope {
  name?: string;
  options?: DatasetOptions;
}

/** V8 holds no longer string; JSON.parse needs the whole text as one. */
const maximumJsonBytes = 500 * 1024 * 1024;

export async function readJson(request: ReadRequest): Promise<RawTable | undefined> {
  const { files, format, problems, faults, connection } = request;
  const text = asUtf8(files[0], request.temporaryFolder, problems);
  if (text !== undefined) checkText(text.file, problems, format === "ndjson" ? maximumLineBytes : Infinity);
  if (text === undefined || problems.errors > 0) return undefined;
  const bytes = withoutMark(readFileSync(text.file.path));
  let envelope: Envelope = {};
  let eachRow: EachRow;
  if (format === "ndjson") {
    eachRow = (visit) => eachLine(bytes, visit);
    checkLines(bytes, problems);
  } else {
    const value = parseWhole(bytes, problems);
    if (problems.errors > 0) return undefined;
    const opened = await openEnvelope(value, faults);
    if (opened === undefined) return undefined;
    envelope = opened;
    eachRow = (visit) => opened.rows.forEach((row, index) => visit(row, index + 1, null));
  }
  if (problems.errors > 0) return undefined;

  const columns = columnsOf(eachRow, problems);
  if (problems.errors > 0) return undefined;
  const stringColumns = await appendRows(connection, request.table, eachRow, columns);
  return {
    source: request.table,
    names: [...columns.keys()],
    media: new Map(),
    stringColumns,
    reading: { encoding: text.encoding },
    ...(format === "ndjson" && { linesOf: (rows: readonly number[]) => linesOf(eachRow, rows) }),
    ...envelope,
  };
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function parseWhole(bytes: Buffer, problems: ProblemList): unknown {
  if (bytes.length > maximumJsonBytes) {
    problems.add("too_large_unpacked", {}, maximumJsonBytes / 1024 / 1024);
    return undefined;
  }
  const text = bytes.toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, message } = parseFailure(error, text);
    problems.add("malformed_json", { line }, message);
    return undefined;
  }
}

/** V8 says "… in JSON at position 12 (line 2 column 3)"; at the end of input it gives no place. */
function parseFailure(error: unknown, text: string): { line: number; message: string } {
  const message = (error as Error).message;
  const place = /line (\d+) column \d+/.exec(message);
  const line = place === null ? text.trimEnd().split("\n").length : Number(place[1]);
  return { line, message: place === null ? `${message} (at the end, line ${line})` : message };
}

/** The rows of an array or of the envelope; faults for anything else. zod is only loaded for an envelope: it costs time. */
async function openEnvelope(value: unknown, faults: Fault[]): Promise<(Envelope & { rows: unknown[] }) | undefined> {
  if (Array.isArray(value)) return { rows: value };
  if (typeof value !== "object" || value === null) {
    faults.push({
      pointer: "",
      code: "invalid_type",
      detail: `The JSON is ${describe(value)}, expected an array of objects.`,
      hint: 'Send [{"column": value}, …] or {"name": …, "rows": […]}.',
    });
    return undefined;
  }
  const { datasetRowsBody } = await import("../../contract/dataset.ts");
  const rows = (value as { rows?: unknown }).rows;
  // The rows themselves are checked below, with row numbers: here one stands for all.
  const checked = datasetRowsBody.safeParse(Array.isArray(rows) && rows.length > 0 ? { ...value, rows: [{}] } : value);
  if (checked.success) {
    const { name, options } = checked.data;
    return { rows: rows as unknown[], ...(name !== undefined && { name }), ...(options !== undefined && { options }) };
  }
  for (const issue of checked.error.issues) {
    const [detail, hint] = issue.message.split("\n");
    const pointer = jsonPointer(issue.path);
    faults.push({
      pointer,
      code: issue.code,
      detail,
      hint: hint ?? 'The form is {"name": …, "rows": [{…}], "options": {…}}.',
    });
  }
  return undefined;
}

function* lines(bytes: Buffer): Generator<{ text: string; line: number }> {
  let line = 0;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    const text = bytes.toString("utf8", start, end < 0 ? bytes.length : end).trim();
    line += 1;
    if (text !== "") yield { text, line };
    start = end < 0 ? bytes.length : end + 1;
  }
}

function checkLines(bytes: Buffer, problems: ProblemList): void {
  for (const { text, line } of lines(bytes)) {
    try {
      JSON.parse(text);
    } catch (error) {
      problems.add("malformed_json", { line, value: text }, `line ${line}: ${(error as Error).message}`);
    }
  }
}

function eachLine(bytes: Buffer, visit: (value: unknown, row: number, line: number) => void): void {
  let row = 0;
  for (const { text, line } of lines(bytes)) visit(JSON.parse(text), ++row, line);
}

/** Names in order of first appearance → position. A Map: "__proto__" is a name like any other. */
function columnsOf(eachRow: EachRow, problems: ProblemList): Map<string, number> {
  const columns = new Map<string, number>();
  eachRow((value, row, line) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      problems.add("not_an_object", { row, line }, describe(value));
      return;
    }
    for (const [name, cell] of Object.entries(value)) {
      if (!columns.has(name) && columns.size <= maximumColumns) columns.set(name, columns.size);
      if (typeof cell === "object" && cell !== null) {
        problems.add("nested_value", { row, line, column: name, value: shortJson(cell) }, describe(cell));
      }
    }
  });
  if (columns.size > 0) checkNames([...columns.keys()], null, problems);
  return columns;
}

/** Fills a new table with the text of each cell; gives the columns whose present cells are all strings. */
async function appendRows(
  connection: ReadRequest["connection"],
  table: string,
  eachRow: EachRow,
  columns: Map<string, number>,
): Promise<Set<number>> {
  const width = Math.max(1, columns.size);
  const named = Array.from({ length: width }, (_, index) => `c${index} varchar`);
  await connection.run(`create table ${table} (${named.join(", ")})`);
  const appender = await connection.createAppender(table);
  const otherThanString = new Set<number>();
  const cells: Cell[] = Array.from({ length: width }, () => null);
  eachRow((value) => {
    cells.fill(null);
    for (const [name, cell] of Object.entries(value as Record<string, Cell>)) cells[columns.get(name)!] = cell;
    for (let index = 0; index < width; index++) {
      const cell = cells[index];
      if (cell === null) appender.appendNull();
      else appender.appendVarchar(String(cell));
      if (cell !== null && typeof cell !== "string") otherThanString.add(index);
    }
    appender.endRow();
  });
  appender.closeSync();
  return new Set([...columns.values()].filter((index) => !otherThanString.has(index)));
}

function linesOf(eachRow: EachRow, rows: readonly number[]): Map<number, number> {
  const wanted = new Set(rows);
  const found = new Map<number, number>();
  eachRow((_value, row, line) => {
    if (wanted.has(row) && line !== null) found.set(row, line);
  });
  return found;
}

/** The first characters of a nested value; nothing when it is nested too deep to be written. */
function shortJson(value: object): string | null {
  try {
    return JSON.stringify(value).slice(0, 100);
  } catch {
    return null;
  }
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
