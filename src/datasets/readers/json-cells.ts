// The cells of JSON rows as columns of DuckDB: numbers stay numbers, lists of numbers become sequences, all else is text.
import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  VARCHAR,
  listValue,
} from "@duckdb/node-api";
import type { DatasetOptions } from "../../contract/dataset.ts";
import type { ProblemList } from "../problems.ts";
import { maximumColumns } from "./raw-table.ts";
import type { ColumnKind, TypedColumn } from "./typed-columns.ts";

/** Rows that DuckDB takes at once: a vector of its own, or fewer when they are large. */
const chunkRows = 2048;
const chunkSize = 8_000_000;

/** Calls `visit` with every row: what was parsed, its number and its line (null in a JSON array). */
export type EachRow = (visit: (value: unknown, row: number, line: number | null) => void) => void;

/** What one cell is. */
type CellKind = "string" | "boolean" | "integer" | "number" | "infinite" | "list" | "lists" | "empty" | "strings";
export interface JsonColumn extends TypedColumn {
  /** All cells that are there are strings. */
  isStrings: boolean;
}

/** A column becomes the first that all of its cells are; cells are kept as text where nothing else fits. */
const columnKinds: readonly { kind: ColumnKind; cells: readonly CellKind[] }[] = [
  { kind: "integer", cells: ["integer"] },
  { kind: "number", cells: ["integer", "number"] },
  { kind: "list", cells: ["list", "empty"] },
  { kind: "lists", cells: ["lists", "empty"] },
  { kind: "text", cells: ["string", "boolean", "integer", "number", "infinite", "strings", "empty"] },
];

/** How a cell of each kind of column goes into DuckDB. */
const stored: Record<ColumnKind, { type: DuckDBType; value: (cell: unknown) => DuckDBValue }> = {
  text: { type: VARCHAR, value: (cell) => (Array.isArray(cell) ? JSON.stringify(cell) : String(cell)) },
  integer: { type: BIGINT, value: (cell) => BigInt(cell as number) },
  number: { type: DOUBLE, value: (cell) => cell as number },
  list: { type: LIST(DOUBLE), value: (cell) => listValue(cell as number[]) },
  lists: {
    type: LIST(LIST(DOUBLE)),
    value: (cell) => listValue((cell as (number[] | null)[]).map((step) => (step === null ? null : listValue(step)))),
  },
};

/** The columns in order of first appearance; problems for rows that are no objects and cells that fit no column. */
export function columnsOfRows(
  eachRow: EachRow,
  declared: DatasetOptions["columns"],
  problems: ProblemList,
): JsonColumn[] {
  // A Map: "__proto__" is a name like any other.
  const kinds = new Map<string, Set<CellKind>>();
  eachRow((value, row, line) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      problems.add("not_an_object", { row, line }, describe(value));
      return;
    }
    for (const [name, cell] of Object.entries(value)) {
      if (!kinds.has(name)) {
        if (kinds.size > maximumColumns) continue;
        kinds.set(name, new Set());
      }
      if (cell === null) continue;
      const seen = kinds.get(name)!;
      const kind = kindOf(cell);
      if (kind === undefined || !fitTogether([...seen, kind]))
        problems.add("nested_value", { row, line, column: name, value: shortJson(cell) }, describe(cell));
      else seen.add(kind);
    }
  });
  return [...kinds].map(([name, seen], index) => {
    const found = columnKinds.find(({ cells }) => [...seen].every((kind) => cells.includes(kind)))!.kind;
    // A declared type is read from text, and so is a column without any cell.
    const isText =
      seen.size === 0 || (declared !== undefined && Object.hasOwn(declared, name) && !found.startsWith("list"));
    const isStrings = [...seen].every((kind) => kind === "string");
    return { name, kind: isText ? "text" : found, cell: `c${index}`, isStrings };
  });
}

const fitTogether = (kinds: readonly CellKind[]) =>
  columnKinds.some(({ cells }) => kinds.every((kind) => cells.includes(kind)));

function kindOf(cell: unknown): CellKind | undefined {
  if (typeof cell === "string") return "string";
  if (typeof cell === "boolean") return "boolean";
  if (typeof cell === "number")
    return !Number.isFinite(cell) ? "infinite" : Number.isSafeInteger(cell) ? "integer" : "number";
  if (!Array.isArray(cell)) return undefined;
  const elements: unknown[] = cell;
  if (elements.length === 0) return "empty";
  if (elements.every((element) => typeof element === "string")) return "strings";
  if (isNumbers(elements)) return "list";
  return elements.every((step) => step === null || (Array.isArray(step) && isNumbers(step))) ? "lists" : undefined;
}

const isNumbers = (list: readonly unknown[]) =>
  list.every((element) => element === null || typeof element === "number");

/** Creates `table` with the cells of every row as c0, c1, … */
export async function appendCells(
  connection: DuckDBConnection,
  table: string,
  eachRow: EachRow,
  columns: readonly JsonColumn[],
): Promise<void> {
  const kinds = columns.map(({ kind }) => stored[kind]);
  const types = kinds.map(({ type }) => type);
  await connection.run(`create table ${table} (${types.map((type, at) => `c${at} ${type.toString()}`).join(", ")})`);
  const appender = await connection.createAppender(table);
  const positions = new Map(columns.map(({ name }, index) => [name, index]));
  const cells: DuckDBValue[][] = columns.map(() => []);
  let rows = 0;
  let size = 0; // characters and elements, about
  const flush = () => {
    const chunk = DuckDBDataChunk.create(types, rows);
    cells.forEach((values, index) => chunk.setColumnValues(index, values));
    appender.appendDataChunk(chunk);
    for (const values of cells) values.length = 0;
    rows = 0;
    size = 0;
  };
  eachRow((value) => {
    for (const values of cells) values.push(null);
    for (const [name, cell] of Object.entries(value as Record<string, unknown>)) {
      if (cell === null) continue;
      const index = positions.get(name)!;
      cells[index][rows] = kinds[index].value(cell);
      if (typeof cell === "string" || Array.isArray(cell)) size += cell.length;
    }
    rows += 1;
    if (rows === chunkRows || size > chunkSize) flush();
  });
  if (rows > 0) flush();
  appender.closeSync();
}

/** The first characters of a nested value; nothing when it is nested too deep to be written. */
function shortJson(value: unknown): string | null {
  try {
    return JSON.stringify(value).slice(0, 100);
  } catch {
    return null;
  }
}

export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
