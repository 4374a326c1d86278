// Oddities of a typed table that do not stop anything but spoil a training: each a warning.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnSchema } from "../contract/dataset.ts";
import { sqlText } from "./cell.ts";
import { askColumns, selectRows } from "./duckdb.ts";
import type { ProblemList } from "./problems.ts";
import { partColumn } from "./readers/parts.ts";
import type { RawTable } from "./readers/raw-table.ts";
import { mistakeShare, mixedShare } from "./schema.ts";
import type { ColumnProfile } from "./schema.ts";
import { shownAs } from "./statistics.ts";
import { suggestTarget } from "./suggest-target.ts";

interface TypedTable {
  connection: DuckDBConnection;
  columns: readonly ColumnSchema[];
  rows: number;
  raw: RawTable;
  profiles: ReadonlyMap<number, ColumnProfile>;
  problems: ProblemList;
}

const columnsPerQuery = 256;
/** Interquartile ranges from the middle half; a normal distribution has nothing beyond three. */
const outlierRanges = 10;
/** Integers with so few values are classes or grades. */
const fewValues = 20;
const majorityShare = 0.8;
const rareRows = 5;
/** Fewer rows say nothing about classes, and determine each other by chance. */
const fewestRows = 20;
/** A column with fewer rows per value than this says little about its values. */
const rowsPerValue = 5;
/** Pairs of values are kept in memory while they are counted: so many columns at a time, and of wide tables the first. */
const suspectsPerQuery = 8;
const mostSuspects = 256;
const leakingCorrelation = 0.9999;

/** Adds the warnings about the table `typed`. */
export async function addWarnings(table: TypedTable): Promise<void> {
  warnOfColumns(table);
  await warnOfInexactIntegers(table);
  await warnOfOutliers(table);
  await warnOfTarget(table);
  await warnOfDuplicates(table);
  await warnOfOverlap(table);
}

function warnOfColumns({ columns, rows, raw, profiles, problems }: TypedTable): void {
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
    const { present, datetime = 0 } = profile;
    if (words && datetime >= mistakeShare * present && datetime < present)
      problems.add("mixed_dates", { column }, present - datetime);
    if (!words && raw.stringColumns.has(index) && profile.numeric === profile.present)
      problems.add("numbers_as_strings", { column }, type);
  }
}

/** Integers that lost their last digits, as the ids of many services do; floating-point numbers are mostly larger still. */
async function warnOfInexactIntegers({ connection, columns, problems }: TypedTable): Promise<void> {
  const largestOf = ({ statistics: { min = 0, max = 0 } }: ColumnSchema) => Math.max(-min, max);
  const isSuspect = (column: ColumnSchema) =>
    column.type === "number" && largestOf(column) > Number.MAX_SAFE_INTEGER && largestOf(column) <= 2 ** 64;
  const suspects = [...columns.keys()].filter((index) => isSuspect(columns[index]));
  const sqlOf = (index: number) => [`bool_and(c${index} = trunc(c${index}))`];
  await askColumns(connection, "typed", suspects, columnsPerQuery, sqlOf, (index, [whole]) => {
    const column = columns[index];
    if (whole === true) problems.add("inexact_integers", { column: column.name }, largestOf(column));
  });
}

async function warnOfOutliers({ connection, columns, problems }: TypedTable): Promise<void> {
  const bounded = columns.flatMap(({ name, statistics: { quartiles, distinct, min, max } }, index) => {
    if (quartiles === undefined || distinct <= fewValues) return [];
    const range = outlierRanges * (quartiles[2] - quartiles[0]);
    const [low, high] = [quartiles[0] - range, quartiles[2] + range];
    return range > 0 && (min! < low || max! > high) ? [{ name, c: `c${index}`, low, high }] : [];
  });
  for (let start = 0; start < bounded.length; start += columnsPerQuery) {
    const batch = bounded.slice(start, start + columnsPerQuery);
    const counts = batch.map(({ c, low, high }) => `count(*) filter (${c} < ${low} or ${c} > ${high})`);
    const [row] = await selectRows(connection, `select ${counts.join(", ")} from typed`);
    batch.forEach(({ name }, at) => problems.add("outliers", { column: name }, Number(row[at])));
  }
}

/** Of the column that is most likely the target: its classes, and what gives it away. */
async function warnOfTarget(table: TypedTable): Promise<void> {
  const { connection, columns, rows, problems } = table;
  const name = suggestTarget(columns);
  const index = columns.findIndex((column) => column.name === name);
  if (index < 0 || rows < fewestRows) return;
  const { most_frequent } = columns[index].statistics;
  if (most_frequent === undefined) return warnOfCorrelation(table, index);
  const [{ value, share }] = most_frequent;
  if (share >= majorityShare && share < 1)
    problems.add("class_imbalance", { column: name, value: String(value) }, `${Math.round(100 * share)} %`);
  const [[rare, such]] = await selectRows(
    connection,
    `select count(*), min(value) from (select ${shownAs[columns[index].type](`c${index}`)} as value from typed where c${index} is not null
     group by all having count(*) < ${rareRows})`,
  );
  if (Number(rare) > 0) problems.add("rare_classes", { column: name, value: String(such) }, Number(rare));
  await warnOfLeakage(table, index);
}

/** A column each of whose values goes with one class only. */
async function warnOfLeakage({ connection, columns, rows, problems }: TypedTable, target: number): Promise<void> {
  if (columns[target].statistics.distinct < 2) return;
  const suspects = [...columns.keys()]
    .filter((index) => {
      const { type, id_like, name, statistics } = columns[index];
      const counted = type === "category" || type === "boolean" || type === "integer";
      const values = statistics.distinct;
      return (
        index !== target && counted && !id_like && name !== partColumn && values > 1 && values * rowsPerValue <= rows
      );
    })
    .slice(0, mostSuspects);
  for (let start = 0; start < suspects.length; start += suspectsPerQuery) {
    const batch = suspects.slice(start, start + suspectsPerQuery);
    const pairs = batch.flatMap((index) => {
      const both = `filter (c${index} is not null and c${target} is not null)`;
      return [`count(distinct hash(c${index}, c${target})) ${both}`, `count(distinct c${index}) ${both}`];
    });
    const [row] = await selectRows(connection, `select ${pairs.join(", ")} from typed`);
    batch.forEach((index, at) => {
      if (row[2 * at] === row[2 * at + 1])
        problems.add("determines_target", { column: columns[index].name }, columns[target].name);
    });
  }
}

/** A number that is the target in other units. */
async function warnOfCorrelation({ connection, columns, problems }: TypedTable, target: number): Promise<void> {
  const isMeasured = (index: number) =>
    ["number", "integer"].includes(columns[index].type) && (columns[index].statistics.std ?? 0) > 0;
  if (!isMeasured(target)) return;
  const suspects = [...columns.keys()].filter((index) => index !== target && isMeasured(index));
  for (let start = 0; start < suspects.length; start += columnsPerQuery) {
    const batch = suspects.slice(start, start + columnsPerQuery);
    const correlations = batch.map((index) => `corr(c${index}::double, c${target}::double)`);
    const [row] = await selectRows(connection, `select ${correlations.join(", ")} from typed`);
    batch.forEach((index, at) => {
      if (Math.abs(row[at] as number) >= leakingCorrelation)
        problems.add("determines_target", { column: columns[index].name }, columns[target].name);
    });
  }
}

async function warnOfDuplicates({ connection, columns, rows, problems }: TypedTable): Promise<void> {
  if (rows < 2) return;
  const hash = `hash(${columns.map((_, index) => `c${index}`).join(", ")})`;
  const [[distinct]] = await selectRows(connection, `select count(distinct ${hash}) from typed`);
  const copies = rows - Number(distinct);
  if (copies > 0) problems.add("duplicate_rows", {}, copies);
}

/** Given parts that share rows. */
async function warnOfOverlap({ connection, columns, problems }: TypedTable): Promise<void> {
  const part = columns.findIndex(({ name, type }) => name === partColumn && type === "category");
  const others = columns.flatMap((_, index) => (index === part ? [] : [`c${index}`]));
  if (part < 0 || others.length === 0) return;
  const hash = `hash(${others.join(", ")})`;
  const [[shared]] = await selectRows(
    connection,
    `select count(*) from typed where c${part} <> ${sqlText("train")}
     and ${hash} in (select ${hash} from typed where c${part} = ${sqlText("train")})`,
  );
  if (Number(shared) > 0) problems.add("part_overlap", {}, Number(shared));
}
