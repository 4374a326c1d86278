// Statistics of the typed columns, by type: what a person looks at before training.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cell, ColumnStatistics, ColumnType } from "../contract/dataset.ts";
import { selectRows } from "./duckdb.ts";

const mostFrequentKept = 20;
const examplesKept = 5;
/** Counting how often each value occurs says something up to here. */
const countedDistinct = 1000;

/** Numbers of which minimum, maximum, mean and spread make sense; datetimes count in milliseconds since 1970. */
const measured: Partial<Record<ColumnType, (c: string) => string>> = {
  number: (c) => c,
  integer: (c) => `${c}::double`,
  datetime: (c) => `epoch_ms(${c})::double`,
};

const counted: readonly ColumnType[] = ["category", "boolean", "integer"];

/** How a stored value is shown in JSON: SQL that gives a VARCHAR, DOUBLE or BOOLEAN. */
export const shownAs: Record<ColumnType, (c: string) => string> = {
  number: (c) => c,
  integer: (c) => `${c}::double`,
  boolean: (c) => c,
  category: (c) => c,
  text: (c) => c,
  datetime: (c) => `strftime(${c}, '%Y-%m-%dT%H:%M:%S.%gZ')`,
  image: (c) => `case when ${c} is null then null else '' end`,
};

/** "28×28×1 image" */
export function imageSummary(shape: readonly number[]): string {
  return `${shape.join("×")} image`;
}

/** Statistics and the first few values of column `c` of `table`. `summary` stands for every image. */
export async function describeColumn(
  connection: DuckDBConnection,
  table: string,
  c: string,
  type: ColumnType,
  shape?: readonly number[],
): Promise<{ statistics: ColumnStatistics; examples: Cell[] }> {
  const number = measured[type]?.(c);
  const measures =
    number === undefined ? "" : `, min(${number}), max(${number}), avg(${number}), stddev_pop(${number})`;
  // hash: images are compared by 64 bits, not by holding them all.
  const [row] = await selectRows(
    connection,
    `select count(*) - count(${c}), count(distinct ${type === "image" ? `hash(${c})` : c})${measures} from ${table}`,
  );
  const [missing, distinct] = row.slice(0, 2).map(Number);
  const statistics: ColumnStatistics = { missing, distinct };
  const [min, max, mean, std] = row.slice(2) as (number | null)[];
  for (const [name, value] of Object.entries({ min, max, mean, std })) {
    // A sum beyond the range of doubles has no mean to show.
    if (typeof value === "number" && Number.isFinite(value)) statistics[name as "min"] = value;
  }
  if (counted.includes(type) && distinct > 0 && distinct <= countedDistinct) {
    const shown = shownAs[type](c);
    const rows = await selectRows(
      connection,
      `select ${shown} as value, count(*)::integer as count from ${table} where ${c} is not null group by all order by count desc, value limit ${mostFrequentKept}`,
    );
    statistics.most_frequent = rows.map(([value, count]) => ({ value: value as Cell, count: count as number }));
  }
  const first = await selectRows(
    connection,
    `select ${shownAs[type](c)} from ${table} where ${c} is not null limit ${examplesKept}`,
  );
  const examples = first.map(([value]) => (shape === undefined ? cutText(value as Cell) : imageSummary(shape)));
  return { statistics, examples };
}

/** Examples are for looking at: long texts are cut. */
function cutText(value: Cell): Cell {
  return typeof value === "string" && value.length > 200 ? `${value.slice(0, 200)}…` : value;
}
