// Raw cells → typed table: clean, profile, decide the types, check every cell against its type, describe, write Parquet.
import { statSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnSchema, ColumnType, DatasetOptions } from "../contract/dataset.ts";
import { type Fault, jsonPointer } from "../errors.ts";
import { cellMacros, nanText, sqlText, trimmedSql } from "./cell.ts";
import { selectRows } from "./duckdb.ts";
import { problemsKept } from "./problems.ts";
import type { ProblemCode, ProblemList } from "./problems.ts";
import { inferType, isIdLike, isMedia, mistakeShare, mixedShare, profileColumns, typeCasts } from "./schema.ts";
import type { ColumnProfile } from "./schema.ts";
import { readDecimalCommas } from "./readers/decimal-comma.ts";
import type { RawTable } from "./readers/raw-table.ts";
import { describeColumns } from "./statistics.ts";
import type { Kind } from "./statistics.ts";

const checksPerQuery = 64;
const maximumFieldBytes = 1024 * 1024;
/** A Parquet row group is held in memory while it is written. */
const rowGroupBytes = 64 * 1024 * 1024;

export interface TypedTable {
  rows: number;
  sizeBytes: number;
  columns: ColumnSchema[];
}

/** Writes the typed table to `parquetPath`; gives nothing when problems of severity error or faults were found. */
export async function buildTable(
  connection: DuckDBConnection,
  raw: RawTable,
  options: DatasetOptions,
  problems: ProblemList,
  faults: Fault[],
  parquetPath: string,
): Promise<TypedTable | undefined> {
  await checkDeclaredTypes(raw, options, faults);
  if (faults.length > 0) return undefined;
  await cleanCells(connection, raw, options);
  await raw.afterReading?.();
  if (problems.errors > 0) return undefined;

  const rows = Number((await selectRows(connection, "select count(*) from cells"))[0][0]);
  if (rows === 0) problems.add("no_rows");
  if (rows > 0 && raw.names.length === 0) problems.add("no_columns");
  if (problems.errors > 0) return undefined;

  const texts = raw.names.map((_, index) => index).filter((index) => !raw.media.has(index));
  if (raw.reading?.decimal === ",") await readDecimalCommas(connection, "cells", texts, mistakeShare);
  const profiles = await profileColumns(connection, "cells", texts);
  const types = raw.names.map(
    (name, index) => raw.media.get(index)?.type ?? declaredType(options, name) ?? inferType(profiles.get(index)!),
  );
  await takeNanAsMissing(connection, raw, profiles, problems);
  await refuseCells(connection, raw, types, problems);
  if (problems.errors > 0) {
    placeInLines(raw, problems);
    return undefined;
  }
  await connection.run(
    `create table typed as select ${types.map((type, index) => `${castOf(type, `c${index}`)} as c${index}`).join(", ")} from cells`,
  );
  await connection.run("drop table cells");
  const kinds: Kind[] = types.map((type, index) => raw.media.get(index) ?? { type });
  const described = await describeColumns(connection, "typed", kinds);
  const columns = raw.names.map((name, index): ColumnSchema => {
    const id_like =
      raw.indexColumns?.has(index) === true || isIdLike(types[index], rows, described[index].statistics.distinct);
    return { name, ...kinds[index], id_like, ...described[index] };
  });
  warnOfColumns(columns, rows, raw, profiles, problems);
  await warnOfDuplicates(connection, columns.length, rows, problems);
  await connection.run(
    `copy typed to ${sqlText(parquetPath)} (format parquet, compression zstd, row_group_size ${await rowGroupSize(connection, raw, rows)})`,
  );
  return { rows, sizeBytes: statSync(parquetPath).size, columns };
}

const declaredType = (options: DatasetOptions, name: string): ColumnType | undefined =>
  options.columns !== undefined && Object.hasOwn(options.columns, name) ? options.columns[name] : undefined;

const castOf = (type: ColumnType, c: string) =>
  isMedia(type) ? c : `case when ${c} is null then null else ${typeCasts[type].cast(c)} end`;

/** Rows in a group: a whole number of DuckDB's vectors, as many as fit into `rowGroupBytes` with the media at hand. */
async function rowGroupSize(connection: DuckDBConnection, raw: RawTable, rows: number): Promise<number> {
  const sizes = [...raw.media].map(([index, { type }]) =>
    type === "sequence" ? `8 * coalesce(sum(len(c${index})), 0)` : `coalesce(sum(octet_length(c${index})), 0)`,
  );
  if (sizes.length === 0) return 2048 * 60;
  const [[bytes]] = await selectRows(connection, `select (${sizes.join(" + ")})::double from typed`);
  const vectors = Math.floor(rowGroupBytes / Math.max(1, Number(bytes) / rows) / 2048);
  return 2048 * Math.min(60, Math.max(1, vectors));
}

async function checkDeclaredTypes(raw: RawTable, { columns = {} }: DatasetOptions, faults: Fault[]): Promise<void> {
  if (Object.keys(columns).length === 0) return;
  // Brings zod along, which takes longer to load than a small dataset takes to read: only when needed.
  const { suggestName } = await import("../contract/strict-object.ts");
  for (const [name, type] of Object.entries(columns)) {
    const pointer = jsonPointer(["options", "columns", name]);
    const index = raw.names.indexOf(name);
    if (index < 0)
      faults.push({
        pointer,
        code: "unknown_column",
        detail: `There is no column "${name}".`,
        hint: suggestName(name, raw.names),
      });
    else if (type !== (raw.media.get(index)?.type ?? type) || isMedia(type) !== raw.media.has(index)) {
      const detail = `Column "${name}" holds ${raw.media.get(index)?.type ?? "single"} values, not ${type} values.`;
      faults.push({
        pointer,
        code: "wrong_type",
        detail,
        hint: "Images, sounds and sequences are known by their files; leave this column out of options.columns.",
      });
    }
  }
}

async function cleanCells(connection: DuckDBConnection, raw: RawTable, options: DatasetOptions): Promise<void> {
  for (const macro of cellMacros(options.missing ?? [])) await connection.run(macro);
  const select = (sqlOf: (c: string) => string) =>
    raw.names
      .map((_, index) => (raw.media.has(index) ? `c${index}` : `${sqlOf(`c${index}`)} as c${index}`))
      .join(", ") || "*";
  await connection.run(
    `create table cells as select ${select((c) => `clean(${c})`)} from (select ${select(trimmedSql)} from ${raw.source})`,
  );
}

async function takeNanAsMissing(
  connection: DuckDBConnection,
  raw: RawTable,
  profiles: Map<number, ColumnProfile>,
  problems: ProblemList,
): Promise<void> {
  for (const [index, { nan }] of profiles) {
    if (nan === 0) continue;
    const c = `c${index}`;
    const [[row]] = await selectRows(connection, `select min(rowid) + 1 from cells where ${c} = '${nanText}'`);
    problems.add("nan_as_missing", { row: Number(row), column: raw.names[index], value: nanText }, nan);
    await connection.run(
      `create or replace table cells as select * replace (nullif(${c}, '${nanText}') as ${c}) from cells`,
    );
  }
}

interface Check {
  code: ProblemCode;
  index: number;
  /** SQL condition of a bad cell */
  where: string;
}

/** Adds a problem for every cell that is too long or does not fit its column's type: the first hundred by row, and the count. */
async function refuseCells(
  connection: DuckDBConnection,
  raw: RawTable,
  types: readonly ColumnType[],
  problems: ProblemList,
): Promise<void> {
  const checks = types.flatMap((type, index): Check[] => {
    if (isMedia(type)) return [];
    const c = `c${index}`;
    return [
      { code: "field_too_long", index, where: `strlen(${c}) > ${maximumFieldBytes}` },
      ...typeCasts[type].refused.map(({ code, when }): Check => ({
        code,
        index,
        where: `${c} is not null and (${when(c)})`,
      })),
    ];
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

/** Adds the line to every problem that has a row, where the format has lines. */
function placeInLines(raw: RawTable, problems: ProblemList): void {
  const rows = problems.kept.map(({ row }) => row).filter((row) => row !== null);
  const lines = rows.length === 0 ? undefined : raw.linesOf?.(rows);
  for (const problem of problems.kept) {
    if (problem.row !== null && problem.line === null) problem.line = lines?.get(problem.row) ?? null;
  }
}

function warnOfColumns(
  columns: readonly ColumnSchema[],
  rows: number,
  raw: RawTable,
  profiles: Map<number, ColumnProfile>,
  problems: ProblemList,
): void {
  for (const [index, { name: column, type, id_like, statistics }] of columns.entries()) {
    const { distinct, missing } = statistics;
    if (distinct === 0) problems.add("empty_column", { column });
    if (distinct === 1 && missing === 0 && rows > 1) problems.add("constant_column", { column });
    if (id_like && raw.indexColumns?.has(index) !== true) problems.add("id_like_column", { column });
    const profile = profiles.get(index);
    if (profile === undefined || profile.present === 0) continue;
    const share = profile.numeric / profile.present;
    const words = type === "category" || type === "text";
    if (words && share >= mixedShare && share < mistakeShare)
      problems.add("mixed_values", { column }, `${Math.round(100 * share)} %`);
    if (!words && raw.stringColumns.has(index) && profile.numeric === profile.present)
      problems.add("numbers_as_strings", { column }, type);
  }
}

async function warnOfDuplicates(
  connection: DuckDBConnection,
  width: number,
  rows: number,
  problems: ProblemList,
): Promise<void> {
  if (rows < 2) return;
  const columns = Array.from({ length: width }, (_, index) => `c${index}`);
  const [[distinct]] = await selectRows(connection, `select count(distinct hash(${columns.join(", ")})) from typed`);
  const copies = rows - Number(distinct);
  if (copies > 0) problems.add("duplicate_rows", {}, copies);
}
