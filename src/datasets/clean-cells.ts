// The table "cells": every cell of an upload without blanks, missing ones as NULL. Columns that are numbers throughout are
// read as DOUBLE at once, which is three times as fast as reading text and casting it; all others are text.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DatasetOptions } from "../contract/dataset.ts";
import { cellMacros, missingSpellings, nanText, trimmedSql } from "./cell.ts";
import { askColumns, selectRows } from "./duckdb.ts";
import type { ProblemList } from "./problems.ts";
import type { RawTable } from "./readers/raw-table.ts";
import type { ColumnProfile } from "./schema.ts";

const columnsPerQuery = 256;
/** Each try finds the columns that are no numbers after all, as far as they show; then everything is read as text. */
const tries = 3;

/** What one pass over a column of numbers tells. */
export interface NumberProfile extends ColumnProfile {
  /** Null without any value. */
  min: number | null;
  max: number | null;
  /** an estimate */
  distinct: number;
}

/** Profiles of the columns that are read as numbers; the others are text, or media as they came. */
export type NumberProfiles = ReadonlyMap<number, NumberProfile>;

/** Creates `cells`. The declared types of `options` are kept to: such a column is read as text. */
export async function cleanCells(
  connection: DuckDBConnection,
  raw: RawTable,
  options: DatasetOptions,
): Promise<NumberProfiles> {
  const moreMissing = options.missing ?? [];
  for (const macro of cellMacros(moreMissing)) await connection.run(macro);
  const numbers = new Map(
    [...(raw.likelyNumbers ?? [])].filter(([index]) => !Object.hasOwn(options.columns ?? {}, raw.names[index])),
  );
  for (let left = tries; numbers.size > 0 && raw.sourceWith !== undefined; left--) {
    if (left === 0) numbers.clear();
    const source = raw.sourceWith(new Set(numbers.keys()), [...missingSpellings, ...moreMissing]);
    await createCells(connection, raw, source, numbers);
    const others = [...((await raw.notNumbers?.()) ?? [])];
    const profiles = others.length > 0 ? new Map<number, NumberProfile>() : await profileNumbers(connection, numbers);
    if (others.length === 0) others.push(...[...numbers.keys()].filter((index) => !profiles.has(index)));
    if (others.length === 0) return profiles;
    for (const index of others) numbers.delete(index);
  }
  await createCells(connection, raw, raw.source, numbers);
  return new Map();
}

async function createCells(
  connection: DuckDBConnection,
  raw: RawTable,
  source: string,
  numbers: ReadonlyMap<number, unknown>,
): Promise<void> {
  const asIs = (index: number) => raw.media.has(index) || numbers.has(index);
  const select = (sqlOf: (c: string) => string) =>
    raw.names.map((_, index) => (asIs(index) ? `c${index}` : `${sqlOf(`c${index}`)} as c${index}`)).join(", ") || "*";
  const inner = `(select ${select(trimmedSql)} from ${source})`;
  const texts = raw.names.some((_, index) => !asIs(index));
  await connection.run(
    `create or replace table cells as select ${texts ? select((c) => `clean(${c})`) : "*"} from ${texts ? inner : source}`,
  );
}

/** What is known of each column of numbers after reading it; left out are those that hold a number which is not finite. */
async function profileNumbers(
  connection: DuckDBConnection,
  numbers: ReadonlyMap<number, "integer" | "number">,
): Promise<Map<number, NumberProfile>> {
  const profiles = new Map<number, NumberProfile>();
  const [[rows]] = (await selectRows(connection, "select count(*)::double from cells")) as number[][];
  const sqlOf = (index: number) => {
    const c = `c${index}`;
    const whole = numbers.get(index) === "integer" ? `coalesce(bool_and(${c} % 1 = 0), true)` : "false";
    return [`count(${c})::double`, `min(${c})`, `max(${c})`, `approx_count_distinct(${c})::double`, whole];
  };
  await askColumns(connection, "cells", [...numbers.keys()], columnsPerQuery, sqlOf, (index, values) => {
    const [present, min, max, distinct, whole] = values as [number, number | null, number | null, number, boolean];
    const largest = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0));
    if (!Number.isFinite(largest)) return;
    const integers = whole && largest <= Number.MAX_SAFE_INTEGER;
    const integer = integers ? present : present - 1;
    profiles.set(index, { rows, present, nan: 0, numeric: present, integer, min, max, distinct });
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
