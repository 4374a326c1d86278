// Which type a column has: counts over all its cells, then the first rule that holds. No sampling: one odd cell in the
// last row is found here, not in the middle of a training run.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnType } from "../contract/dataset.ts";
import type { CellKind } from "./cell.ts";
import { askColumns, countedPerQuery, roughDistinct, selectRows } from "./duckdb.ts";
import type { ProblemCode } from "./problems.ts";

/** What the cells of one column look like. Missing cells and NaN are not counted as present. */
export interface ColumnProfile {
  rows: number;
  present: number;
  nan: number;
  numeric: number;
  /** Numbers beyond the doubles. */
  infinite: number;
  integer: number;
  /** Left out where the numbers decide. */
  boolean?: number;
  datetime?: number;
  /** Of text: how many different ones, and the bytes of the longest. */
  distinct?: number;
  longest?: number;
  /** Of numbers that were read as such; null without any. */
  min?: number | null;
  max?: number | null;
}

/** Where a long column has few words, each is looked at once: a query for each such column, which pays from so many rows on. */
const fewWords = 10_000;
const manyRows = 50_000;

/** Profiles of the text columns c0, c1, … of `table`. */
export async function profileColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly number[],
): Promise<Map<number, ColumnProfile>> {
  const profiles = new Map<number, ColumnProfile>();
  if (columns.length === 0) return profiles;
  const rows = Number((await selectRows(connection, `select count(*) from ${table}`))[0][0]);
  const roughly = rows < manyRows ? new Map<number, number>() : await roughDistinct(connection, table, columns);
  const short = columns.filter((column) => (roughly.get(column) ?? Infinity) <= fewWords);
  for (const column of short) profiles.set(column, await profileByWord(connection, table, column, rows));
  const sqlOf = (column: number) => {
    const c = `c${column}`;
    const kinds = `map_entries(histogram(case when ${c} is not null then kind(${c}) end))`;
    return [
      kinds,
      `count(distinct hash(${c})) filter (${c} is not null)::double`,
      `coalesce(max(strlen(${c})), 0)::double`,
    ];
  };
  const long = columns.filter((column) => !profiles.has(column));
  await askColumns(connection, table, long, countedPerQuery, sqlOf, (column, [kinds, distinct, longest]) => {
    const counts: Partial<Record<CellKind, number>> = {};
    for (const { key, value } of (kinds ?? []) as { key: CellKind; value: bigint }[]) counts[key] = Number(value);
    profiles.set(column, profileOf(rows, counts, distinct as number, longest as number));
  });
  return profiles;
}

/** The same of one column of few words: each of them is looked at once, whatever its number. */
async function profileByWord(
  connection: DuckDBConnection,
  table: string,
  column: number,
  rows: number,
): Promise<ColumnProfile> {
  const words = `select c${column} as word, count(*) as cells from ${table} where c${column} is not null group by all`;
  const kinds = (await selectRows(
    connection,
    `select kind(word), sum(cells)::double, count(*)::double, max(strlen(word))::double from (${words}) group by all`,
  )) as [CellKind, number, number, number][];
  const counts = Object.fromEntries(kinds.map(([kind, cells]) => [kind, cells]));
  const distinct = kinds.reduce((sum, [, , different]) => sum + different, 0);
  return profileOf(rows, counts, distinct, Math.max(0, ...kinds.map(([, , , longest]) => longest)));
}

function profileOf(
  rows: number,
  counts: Partial<Record<CellKind, number>>,
  distinct: number,
  longest: number,
): ColumnProfile {
  const { nan = 0, integer = 0, number = 0, infinite = 0, boolean = 0, datetime = 0, word = 0 } = counts;
  const numeric = integer + number + infinite;
  const present = numeric + boolean + datetime + word;
  const words = distinct - (nan > 0 ? 1 : 0);
  return { rows, present, nan, numeric, infinite, integer, boolean, datetime, distinct: words, longest };
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
      { code: "non_finite", when: (c) => `kind(${c}) = 'infinite'` },
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
