// Cells that do not fit the type of their column: each a problem with its row, and its line where the format has lines.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnType } from "../contract/dataset.ts";
import { selectRows } from "./duckdb.ts";
import { problemsKept } from "./problems.ts";
import type { ProblemCode, ProblemList } from "./problems.ts";
import type { RawTable } from "./readers/raw-table.ts";
import { type ColumnProfile, type MediaType, typeCasts } from "./schema.ts";

const checksPerQuery = 64;
const maximumFieldBytes = 1024 * 1024;

interface Check {
  code: ProblemCode;
  index: number;
  /** SQL condition of a bad cell */
  where: string;
}

/** By its profile alone every cell of the column is of the type. */
const allFit: Partial<Record<ColumnType, (profile: ColumnProfile) => boolean>> = {
  number: ({ present, numeric, infinite }) => numeric === present && infinite === 0,
  integer: ({ present, integer }) => integer === present,
  boolean: ({ present, boolean }) => boolean === present,
  datetime: ({ present, datetime }) => datetime === present,
};

interface TextColumns {
  connection: DuckDBConnection;
  raw: RawTable;
  texts: readonly number[];
  types: readonly ColumnType[];
  profiles: ReadonlyMap<number, ColumnProfile>;
  problems: ProblemList;
}

/** Adds a problem for every cell of the columns `texts` that is too long or does not fit its type: the first hundred, and the count. */
export async function refuseCells({ connection, raw, texts, types, profiles, problems }: TextColumns): Promise<void> {
  const checks = texts.flatMap((index): Check[] => {
    const type = types[index] as Exclude<ColumnType, MediaType>;
    const profile = profiles.get(index)!;
    const c = `c${index}`;
    const long: Check = { code: "field_too_long", index, where: `strlen(${c}) > ${maximumFieldBytes}` };
    const ofType = typeCasts[type].refused.map(({ code, when }): Check => ({
      code,
      index,
      where: `${c} is not null and (${when(c)})`,
    }));
    const fit = allFit[type]?.(profile) === true;
    return [...(profile.longest! > maximumFieldBytes ? [long] : []), ...(fit ? [] : ofType)];
  });
  for (let start = 0; start < checks.length; start += checksPerQuery) {
    const batch = checks.slice(start, start + checksPerQuery);
    const counts = batch.map(({ where }) => `count(*) filter (${where})`);
    const [row] = await selectRows(connection, `select ${counts.join(", ")} from cells`);
    for (const [at, check] of batch.entries()) {
      if (Number(row[at]) > 0) await describeCells(connection, raw, check, Number(row[at]), problems);
    }
  }
}

async function describeCells(
  connection: DuckDBConnection,
  raw: RawTable,
  { code, index, where }: Check,
  count: number,
  problems: ProblemList,
): Promise<void> {
  const found = await selectRows(
    connection,
    `select rowid + 1, left(c${index}, 100) from cells where ${where} order by rowid limit ${problemsKept}`,
  );
  for (const [row, value] of found)
    problems.add(code, { row: Number(row), column: raw.names[index], value: String(value) });
  problems.addUnseen(count - found.length);
}

/** Adds the line to every problem that has a row, where the format has lines; and the file, where there are several. */
export function placeInLines(raw: RawTable, problems: ProblemList): void {
  const rows = problems.kept.map(({ row }) => row).filter((row) => row !== null);
  const lines = rows.length === 0 ? undefined : raw.linesOf?.(rows);
  for (const problem of problems.kept) {
    if (problem.row === null) continue;
    problem.line ??= lines?.get(problem.row) ?? null;
    const file = raw.fileOf?.(problem.row);
    if (file !== undefined) problem.file ??= file;
  }
}
