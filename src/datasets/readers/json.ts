// JSON: an array of objects, one object per line (NDJSON), or the envelope {"name", "rows", "options"} of the contract.
import { readFileSync, statSync } from "node:fs";
import type { DatasetOptions } from "../../contract/dataset.ts";
import { type Fault, jsonPointer } from "../../errors.ts";
import type { ProblemList } from "../problems.ts";
import { maximumLineBytes } from "./csv.ts";
import { asUtf8 } from "./encoding.ts";
import { appendCells, columnsOfRows, describe, type EachRow } from "./json-cells.ts";
import { textLines } from "./plain-file.ts";
import { checkNames } from "./raw-table.ts";
import type { ReadRequest, RawTable } from "./raw-table.ts";
import { textChecks } from "./text-checks.ts";
import { typedColumns } from "./typed-columns.ts";

/** Rows, and what the envelope around them says. */
interface Opened {
  eachRow: EachRow;
  name?: string;
  options?: DatasetOptions;
}

/** V8 holds no longer string; JSON.parse needs the whole text as one. */
const maximumJsonBytes = 500 * 1024 * 1024;

export async function readJson(request: ReadRequest): Promise<RawTable | undefined> {
  const { files, format, problems, faults, connection, options, table } = request;
  const isLines = format === "ndjson";
  const text = asUtf8(files[0], request.temporaryFolder, problems, (path) => ({
    checks: textChecks(path, problems, isLines ? maximumLineBytes : Infinity),
  }));
  if (text === undefined) return undefined;
  const { path } = text.file;
  const opened = isLines ? { eachRow: rowsOfLines(path, problems) } : await openWhole(path, problems, faults);
  if (opened === undefined) return undefined;
  const { eachRow, ...envelope } = opened;

  const columns = columnsOfRows(eachRow, { ...options, ...envelope.options }.columns, problems);
  if (problems.errors > 0) return undefined;
  if (columns.length === 0 && isEmpty(eachRow)) problems.add("no_rows");
  else
    checkNames(
      columns.map(({ name }) => name),
      null,
      problems,
    );
  if (problems.errors > 0) return undefined;
  await appendCells(connection, table, eachRow, columns);
  const typed = await typedColumns(connection, table, columns, problems);
  if (typed === undefined) return undefined;
  return {
    ...typed,
    stringColumns: new Set(columns.flatMap(({ isStrings }, index) => (isStrings ? [index] : []))),
    reading: { encoding: text.encoding },
    ...(isLines && { linesOf: (rows: readonly number[]) => linesOf(eachRow, rows) }),
    ...envelope,
  };
}

/** The rows of one JSON text, and what its envelope says. */
async function openWhole(path: string, problems: ProblemList, faults: Fault[]): Promise<Opened | undefined> {
  const value = parseWhole(path, problems);
  return problems.errors > 0 ? undefined : await openEnvelope(value, faults);
}

function parseWhole(path: string, problems: ProblemList): unknown {
  if (statSync(path).size > maximumJsonBytes) {
    problems.add("too_large_unpacked", {}, maximumJsonBytes / 1024 / 1024);
    return undefined;
  }
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
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
async function openEnvelope(value: unknown, faults: Fault[]): Promise<Opened | undefined> {
  if (Array.isArray(value)) return { eachRow: rowsOfArray(value) };
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
    const eachRow = rowsOfArray(rows as unknown[]);
    return { eachRow, ...(name !== undefined && { name }), ...(options !== undefined && { options }) };
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

function isEmpty(eachRow: EachRow): boolean {
  let rows = 0;
  eachRow(() => (rows += 1));
  return rows === 0;
}

function rowsOfArray(rows: readonly unknown[]): EachRow {
  return (visit) => rows.forEach((row, index) => visit(row, index + 1, null));
}

/** A row for each line that is not blank; a problem for one that is no JSON. */
function rowsOfLines(path: string, problems: ProblemList): EachRow {
  return (visit) => {
    let row = 0;
    let line = 0;
    for (const text of textLines(path)) {
      line += 1;
      if (text.trim() === "") continue;
      row += 1;
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch (error) {
        problems.add("malformed_json", { line, value: text }, `line ${line}: ${(error as Error).message}`);
        continue;
      }
      visit(value, row, line);
    }
  };
}

function linesOf(eachRow: EachRow, rows: readonly number[]): Map<number, number> {
  const wanted = new Set(rows);
  const found = new Map<number, number>();
  eachRow((_value, row, line) => {
    if (wanted.has(row) && line !== null) found.set(row, line);
  });
  return found;
}
