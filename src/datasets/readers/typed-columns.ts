// Columns of formats that have types (JSON, Parquet): numbers stay numbers, lists of numbers become sequences, all else is text.
import type { DuckDBConnection } from "@duckdb/node-api";
import { numberIn } from "../cell.ts";
import type { ProblemList } from "../problems.ts";
import type { LikelyType } from "./likely-types.ts";
import type { RawTable } from "./raw-table.ts";
import { sequenceColumn, type SequenceSource } from "./sequence-columns.ts";

/** lists: of lists, which are the steps of a sequence with several channels */
export type ColumnKind = "text" | "integer" | "number" | "list" | "lists";

export interface TypedColumn {
  name: string;
  kind: ColumnKind;
  /** SQL of its cells in the source */
  cell: string;
}

/** The columns of `source` (what stands after FROM); nothing, with problems, when lists hold more than numbers. */
export async function typedColumns(
  connection: DuckDBConnection,
  source: string,
  columns: readonly TypedColumn[],
  problems: ProblemList,
): Promise<RawTable | undefined> {
  const sequences = new Map<number, SequenceSource>();
  for (const [index, { name, kind, cell }] of columns.entries()) {
    if (kind !== "list" && kind !== "lists") continue;
    const list = { name, cell, depth: kind === "list" ? 1 : 2 } as const;
    const sequence = await sequenceColumn(connection, source, list, problems);
    if (sequence !== undefined) sequences.set(index, sequence);
  }
  if (problems.errors > 0) return undefined;
  const likelyTypes = new Map<number, LikelyType>();
  for (const [index, { kind }] of columns.entries())
    if (kind === "integer" || kind === "number") likelyTypes.set(index, kind);
  const sourceWith = (numbers: ReadonlySet<number>, missing: readonly string[]) => {
    const selected = columns.map(({ cell }, index) => {
      const single = numbers.has(index) ? numberSql(cell, missing) : `cast(${cell} as varchar)`;
      return `${sequences.get(index)?.select ?? single} as c${index}`;
    });
    return `(select ${selected.join(", ") || "*"} from ${source})`;
  };
  return {
    source: sourceWith(new Set(), []),
    sourceWith,
    likelyTypes,
    names: columns.map(({ name }) => name),
    media: new Map([...sequences].map(([index, { media }]) => [index, media])),
    stringColumns: new Set(),
  };
}

/** SQL of a cell that has the type of a number, as DOUBLE; the given spellings are NULL. */
export function numberSql(cell: string, missing: readonly string[]): string {
  const marks = missing.map(numberIn).filter((mark) => Number.isFinite(mark));
  return marks.reduce((sql: string, mark) => `nullif(${sql}, ${mark}::double)`, `cast(${cell} as double)`);
}
