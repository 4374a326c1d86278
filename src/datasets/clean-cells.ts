// The table "cells": every cell of an upload without blanks, missing ones as NULL. Columns that are numbers, dates or truth
// values throughout get their type at once, which is three times as fast as storing texts and casting them; others are text.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DatasetOptions } from "../contract/dataset.ts";
import { cellMacros, missingSpellings, nanText, trimmedSql } from "./cell.ts";
import { askColumns, rangesOf, selectRows } from "./duckdb.ts";
import type { ProblemList } from "./problems.ts";
import { isNumeric, type LikelyType } from "./readers/likely-types.ts";
import type { RawTable } from "./readers/raw-table.ts";
import { type ColumnProfile, typeCasts } from "./schema.ts";

const columnsPerQuery = 256;
/** Each try finds the columns that are of another type after all, as far as they show; then everything is read as text. */
const tries = 4;

/** Profiles of the columns that have their type; the others are text, or media as they came. */
export type TypedProfiles = ReadonlyMap<number, ColumnProfile>;

type LikelyTypes = Map<number, LikelyType>;

/** Creates `cells`. The declared types of `options` are kept to: such a column is read as text. */
export async function cleanCells(
  connection: DuckDBConnection,
  raw: RawTable,
  options: DatasetOptions,
): Promise<TypedProfiles> {
  const moreMissing = options.missing ?? [];
  for (const macro of cellMacros(moreMissing)) await connection.run(macro);
  await connection.run(strictCast);
  const missing = [...missingSpellings, ...moreMissing];
  const types: LikelyTypes = new Map(
    [...(raw.likelyTypes ?? [])].filter(([index]) => !Object.hasOwn(options.columns ?? {}, raw.names[index])),
  );
  for (let left = tries; left > 0 && types.size > 0; left--) {
    const others = await readWithTypes(connection, raw, types, missing);
    const profiles = others.length > 0 ? new Map<number, ColumnProfile>() : await profileTyped(connection, types);
    if (others.length === 0) others.push(...[...types.keys()].filter((index) => !profiles.has(index)));
    if (others.length === 0) return profiles;
    for (const index of others) types.delete(index);
  }
  await createCells(connection, raw, raw.source, new Map());
  return new Map();
}

/** What fails the reading of a text as the type that its column was thought to have. */
const notOfType = "a cell is not of the likely type";
const strictCast = `create macro of_type(c, fits, value) as case when c is null then null when fits then value
  else error('${notOfType}') end`;

/** Creates `cells` with these types; gives the columns that have another one after all, as far as they show. */
async function readWithTypes(
  connection: DuckDBConnection,
  raw: RawTable,
  types: LikelyTypes,
  missing: readonly string[],
): Promise<number[]> {
  const numbers = [...types.keys()].filter((index) => isNumeric(types.get(index)!));
  const source = raw.sourceWith?.(new Set(numbers), missing) ?? raw.source;
  try {
    await createCells(connection, raw, source, types);
    // A read without failures leaves those of the read before to be seen.
    return ((await raw.notNumbers?.()) ?? []).filter((index) => types.has(index));
  } catch (error) {
    if (!String(error).includes(notOfType)) throw error;
    return [...types.keys()].filter((index) => !isNumeric(types.get(index)!));
  }
}

async function createCells(
  connection: DuckDBConnection,
  raw: RawTable,
  source: string,
  types: LikelyTypes,
): Promise<void> {
  const isCast = (index: number) => types.has(index) && !isNumeric(types.get(index)!);
  const asIs = (index: number) => raw.media.has(index) || (types.has(index) && !isCast(index));
  const select = (sqlOf: (c: string, index: number) => string) =>
    raw.names.map((_, index) => (asIs(index) ? `c${index}` : `${sqlOf(`c${index}`, index)} as c${index}`)).join(", ");
  const typed = (c: string, index: number) => {
    const type = types.get(index);
    return type === undefined ? c : `of_type(${c}, is_${type}(${c}), ${typeCasts[type].cast(c)})`;
  };
  // One layer for each step: a step names its cell several times, and what it names is computed once. A layer takes memory
  // for each column, so that none is there for nothing.
  const columns = [...raw.names.keys()];
  const steps = [
    ...(columns.every(asIs) ? [] : [trimmedSql, (c: string) => `clean(${c})`]),
    ...(columns.some(isCast) ? [typed] : []),
  ];
  const cells = steps.reduce((from, step) => `(select ${select(step)} from ${from})`, source);
  await connection.run(`create or replace table cells as select * from ${cells}`);
}

/** What is known of each typed column after reading it; left out are those that hold a number which is not finite. */
async function profileTyped(connection: DuckDBConnection, types: LikelyTypes): Promise<Map<number, ColumnProfile>> {
  const profiles = new Map<number, ColumnProfile>();
  const [[rows]] = (await selectRows(connection, "select count(*)::double from cells")) as number[][];
  const numbers = [...types.keys()].filter((index) => isNumeric(types.get(index)!));
  const ranges = await rangesOf(connection, "cells", numbers);
  const sqlOf = (index: number) => {
    const c = `c${index}`;
    const whole = types.get(index) === "integer" ? `coalesce(bool_and(${c} = trunc(${c})), true)` : "false";
    return [`count(${c})::double`, whole];
  };
  await askColumns(connection, "cells", [...types.keys()], columnsPerQuery, sqlOf, (index, values) => {
    const [present, whole] = values as [number, boolean];
    const type = types.get(index)!;
    const profile = { rows, present, nan: 0, numeric: 0, infinite: 0, integer: 0 };
    if (!isNumeric(type)) {
      profiles.set(index, { ...profile, [type]: present });
      return;
    }
    const [min, max] = ranges.get(index) ?? [null, null];
    const largest = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0));
    if (!Number.isFinite(largest)) return;
    const integers = whole && largest <= Number.MAX_SAFE_INTEGER;
    profiles.set(index, { ...profile, numeric: present, integer: integers ? present : present - 1, min, max });
  });
  return profiles;
}

/** NaN is missing too, with a warning for each column of text that has some. */
export async function takeNanAsMissing(
  connection: DuckDBConnection,
  raw: RawTable,
  profiles: ReadonlyMap<number, ColumnProfile>,
  problems: ProblemList,
): Promise<void> {
  const found = [...profiles].filter(([, { nan }]) => nan > 0);
  if (found.length === 0) return;
  const firsts = found.map(([index]) => `min(rowid) filter (c${index} = '${nanText}') + 1`);
  const [rows] = await selectRows(connection, `select ${firsts.join(", ")} from cells`);
  found.forEach(([index, { nan }], at) => {
    problems.add("nan_as_missing", { row: Number(rows[at]), column: raw.names[index], value: nanText }, nan);
  });
  const replaced = found.map(([index]) => `nullif(c${index}, '${nanText}') as c${index}`);
  await connection.run(`create or replace table cells as select * replace (${replaced.join(", ")}) from cells`);
}
