// Raw cells → typed table: clean, profile, decide the types, check every cell against its type, describe, write Parquet.
import { statSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnSchema, ColumnType, DatasetOptions } from "../contract/dataset.ts";
import { type Fault, jsonPointer } from "../errors.ts";
import { sqlText } from "./cell.ts";
import { cleanCells, takeNanAsMissing } from "./clean-cells.ts";
import { selectRows } from "./duckdb.ts";
import type { ProblemList } from "./problems.ts";
import { placeInLines, refuseCells } from "./refuse-cells.ts";
import type { ColumnProfile } from "./schema.ts";
import { inferType, isIdLike, isMedia, mistakeShare, profileColumns, typeCasts } from "./schema.ts";
import { readDecimalCommas } from "./readers/decimal-comma.ts";
import { cutFinalDots } from "./readers/final-dots.ts";
import type { RawTable } from "./readers/raw-table.ts";
import { describeColumns } from "./statistics.ts";
import type { Kind } from "./statistics.ts";
import { addWarnings } from "./warnings.ts";

/** A Parquet row group is held in memory while it is written. */
const rowGroupBytes = 64 * 1024 * 1024;
/** A category has at most so many words. Looking for a dictionary in columns of more takes longer than it saves. */
const dictionaryWords = 1024;

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
  const typed = await cleanCells(connection, raw, options);
  await raw.afterReading?.();
  if (problems.errors > 0) return undefined;

  const rows = Number((await selectRows(connection, "select count(*) from cells"))[0][0]);
  if (rows === 0) problems.add("no_rows");
  if (rows > 0 && raw.names.length === 0) problems.add("no_columns");
  if (problems.errors > 0) return undefined;

  const texts = raw.names.map((_, index) => index).filter((index) => !raw.media.has(index) && !typed.has(index));
  if (raw.reading?.decimal === ",") await readDecimalCommas(connection, "cells", texts, mistakeShare);
  await cutFinalDots(connection, raw, texts, problems);
  const profiles = new Map<number, ColumnProfile>([...typed, ...(await profileColumns(connection, "cells", texts))]);
  const types = raw.names.map(
    (name, index) => raw.media.get(index)?.type ?? declaredType(options, name) ?? inferType(profiles.get(index)!),
  );
  await takeNanAsMissing(connection, raw, profiles, problems);
  await refuseCells({ connection, raw, texts, types, profiles, problems });
  if (problems.errors > 0) {
    placeInLines(raw, problems);
    return undefined;
  }
  await castCells(connection, types, typed);
  const kinds: Kind[] = types.map((type, index) => raw.media.get(index) ?? { type });
  const described = await describeColumns(connection, "typed", kinds, profiles);
  const columns = raw.names.map((name, index): ColumnSchema => {
    const id_like =
      raw.indexColumns?.has(index) === true || isIdLike(types[index], rows, described[index].statistics.distinct);
    return { name, ...kinds[index], id_like, ...described[index] };
  });
  await addWarnings({ connection, columns, rows, raw, profiles, problems });
  const written = types.map((type, index) => (type === "integer" ? `c${index}::bigint as c${index}` : `c${index}`));
  const groupSize = await rowGroupSize(connection, raw, rows);
  await connection.run(
    `copy (select ${written.join(", ")} from typed) to ${sqlText(parquetPath)}
     (format parquet, parquet_version v2, compression zstd, compression_level 1,
      dictionary_size_limit ${dictionaryWords}, row_group_size ${groupSize})`,
  );
  return { rows, sizeBytes: statSync(parquetPath).size, columns };
}

const declaredType = (options: DatasetOptions, name: string): ColumnType | undefined =>
  options.columns !== undefined && Object.hasOwn(options.columns, name) ? options.columns[name] : undefined;

/** `cells` becomes `typed`. A table in which nothing needs a cast only changes its name: integers are cast when written. */
async function castCells(
  connection: DuckDBConnection,
  types: readonly ColumnType[],
  typed: ReadonlyMap<number, unknown>,
): Promise<void> {
  const castOf = (type: ColumnType, index: number) => {
    const c = `c${index}`;
    if (typed.has(index) || isMedia(type) || type === "category" || type === "text") return c;
    return `case when ${c} is null then null else ${typeCasts[type].cast(c)} end`;
  };
  const casts = types.map(castOf);
  if (casts.every((cast, index) => cast === `c${index}`)) {
    await connection.run("alter table cells rename to typed");
    return;
  }
  await connection.run(
    `create table typed as select ${casts.map((cast, index) => `${cast} as c${index}`).join(", ")} from cells`,
  );
  await connection.run("drop table cells");
}

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
