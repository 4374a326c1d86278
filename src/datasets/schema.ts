// Which type a column has: counts over all its cells, then the first rule that holds. No sampling: one odd cell in the
// last row is found here, not in the middle of a training run.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnType } from "../contract/dataset.ts";
import { nanText } from "./cell.ts";
import { selectRows } from "./duckdb.ts";
import type { ProblemCode } from "./problems.ts";

/** What the cells of one column look like. Missing cells and NaN are not counted as present. */
export interface ColumnProfile {
  rows: number;
  present: number;
  nan: number;
  numeric: number;
  integer: number;
  /** These are only counted where the others do not decide: they are the dear ones. */
  boolean?: number;
  datetime?: number;
  distinct?: number;
}

type Counts = Record<string, (c: string) => string>;

/** SQL of each count, for a cleaned text column c. */
const numberCounts = {
  present: (c) => `count(*) filter (${c} <> '${nanText}')`,
  nan: (c) => `count(*) filter (${c} = '${nanText}')`,
  numeric: (c) => `count(*) filter (${c} <> '${nanText}' and is_number(${c}))`,
  integer: (c) => `count(*) filter (is_integer(${c}))`,
} satisfies Counts;

const wordCounts = {
  boolean: (c) => `count(*) filter (is_boolean(${c}))`,
  datetime: (c) => `count(*) filter (is_datetime(${c}))`,
  distinct: (c) => `count(distinct nullif(${c}, '${nanText}'))`,
} satisfies Counts;

const columnsPerQuery = 16;

/** Profiles of the columns c0, c1, … of `table`. */
export async function profileColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly number[],
): Promise<Map<number, ColumnProfile>> {
  const [[rows]] = await selectRows(connection, `select count(*) from ${table}`);
  const numbers = await countCells(connection, table, columns, numberCounts);
  const profiles = new Map(
    columns.map((column, at) => [column, { rows: Number(rows), ...numbers[at] } as ColumnProfile]),
  );
  const undecided = columns.filter((column) => !numberRules.some(({ when }) => when(profiles.get(column)!)));
  const words = await countCells(connection, table, undecided, wordCounts);
  undecided.forEach((column, at) => Object.assign(profiles.get(column)!, words[at]));
  return profiles;
}

/** One record of counts per column. */
async function countCells(
  connection: DuckDBConnection,
  table: string,
  columns: readonly number[],
  counts: Counts,
): Promise<Record<string, number>[]> {
  const names = Object.keys(counts);
  const records: Record<string, number>[] = [];
  for (let start = 0; start < columns.length; start += columnsPerQuery) {
    const batch = columns.slice(start, start + columnsPerQuery);
    const selected = batch.flatMap((column) => names.map((name) => counts[name](`c${column}`)));
    const [row] = await selectRows(connection, `select ${selected.join(", ")} from ${table}`);
    batch.forEach((_, at) => {
      records.push(Object.fromEntries(names.map((name, offset) => [name, Number(row[at * names.length + offset])])));
    });
  }
  return records;
}

/** From this share of numbers on, the other cells are mistakes; below half they are words with some numbers among them. */
export const mistakeShare = 0.9;
export const mixedShare = 0.5;
const fewestForMistakes = 5;
const categoryAlways = 20;
const categoryShare = 0.05;
const categoryAtMost = 1000;

interface TypeRule {
  type: ColumnType;
  when: (profile: ColumnProfile) => boolean;
}

/** The first rule that holds gives the type: by the numbers among the cells … */
const numberRules: readonly TypeRule[] = [
  { type: "text", when: ({ present }) => present === 0 },
  { type: "integer", when: ({ present, integer }) => integer === present },
  { type: "number", when: ({ present, numeric }) => numeric === present },
  {
    type: "number",
    when: ({ present, numeric }) => present >= fewestForMistakes && numeric >= mistakeShare * present,
  },
];

/** … and otherwise by what the words are and how many different ones there are. */
const wordRules: readonly TypeRule[] = [
  { type: "boolean", when: ({ present, boolean }) => boolean === present },
  { type: "datetime", when: ({ present, datetime }) => datetime === present },
  {
    type: "category",
    when: ({ rows, distinct = 0 }) =>
      distinct <= Math.min(categoryAtMost, Math.max(categoryAlways, categoryShare * rows)),
  },
  { type: "text", when: () => true },
];

/** The type of a column by its cells alone. */
export function inferType(profile: ColumnProfile): ColumnType {
  return [...numberRules, ...wordRules].find(({ when }) => when(profile))!.type;
}

/** Types whose cells are no text: they come from the reader as they are. */
const mediaTypes = ["image", "audio", "sequence"] as const;
export type MediaType = (typeof mediaTypes)[number];

export const isMedia = (type: ColumnType): type is MediaType => (mediaTypes as readonly ColumnType[]).includes(type);

/** How a cleaned text becomes a value of a type: what is refused under which code (the first that holds), and the cast. */
export const typeCasts: Record<
  Exclude<ColumnType, MediaType>,
  { refused: readonly { code: ProblemCode; when: (c: string) => string }[]; cast: (c: string) => string }
> = {
  number: {
    refused: [
      { code: "not_a_number", when: (c) => `not is_number(${c})` },
      { code: "non_finite", when: (c) => `is_number(${c}) and not is_finite_number(${c})` },
    ],
    cast: (c) => `try_cast(${c} as double)`,
  },
  integer: {
    refused: [{ code: "not_an_integer", when: (c) => `not is_whole(${c})` }],
    cast: (c) => `try_cast(try_cast(${c} as double) as bigint)`,
  },
  boolean: {
    refused: [{ code: "not_a_boolean", when: (c) => `not is_boolean(${c}) and ${c} not in ('0', '1')` }],
    cast: (c) => `list_contains(['true', 'yes', '1'], lower(${c}))`,
  },
  datetime: {
    refused: [{ code: "not_a_datetime", when: (c) => `not is_datetime(${c})` }],
    cast: (c) => `cast(time_in(${c}) as timestamp)`,
  },
  category: { refused: [], cast: (c) => c },
  text: { refused: [], cast: (c) => c },
};

/** An id tells rows apart and nothing else: an integer or a text, another one in every row. */
export function isIdLike(type: ColumnType, rows: number, distinct: number): boolean {
  return (type === "integer" || type === "text") && rows >= 20 && distinct === rows;
}
