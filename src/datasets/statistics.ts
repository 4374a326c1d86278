// Statistics of the typed columns, by type: what a person looks at before training.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cell, ColumnSchema, ColumnStatistics, ColumnType } from "../contract/dataset.ts";
import { selectRows } from "./duckdb.ts";
import { isMedia } from "./schema.ts";

const mostFrequentKept = 20;
const examplesKept = 5;
/** Exact distinct counts keep every value in memory: so many columns at a time. */
const columnsPerQuery = 16;
/** An integer column with so few values is mostly a class or a grade: then it is worth counting each. */
const countedIntegers = 20;
/** Examples are the first values of so many rows; only a column empty in all of them is asked on its own. */
const rowsLookedAt = 200;
const exampleCharacters = 200;
const sequenceElementsShown = 8;

/** The square of a larger number is beyond the doubles, and DuckDB's deviation fails: then none is given. */
const largestMeasured = 1e150;

/** What the schema says of a column beside its name. */
export type Kind = Pick<ColumnSchema, "type" | "shape" | "sample_rate">;

/**
 * Numbers of which minimum, maximum, mean and spread make sense; datetimes count in milliseconds since 1970, of sounds it is
 * the seconds they last.
 */
const measured: Partial<Record<ColumnType, (c: string, kind: Kind) => string>> = {
  number: (c) => c,
  integer: (c) => `${c}::double`,
  datetime: (c) => `epoch_ms(${c})::double`,
  audio: (c, { sample_rate = 1 }) => `octet_length(${c}) / ${2 * sample_rate}::double`,
};

/** How a stored value is shown in JSON: SQL that gives a VARCHAR, DOUBLE or BOOLEAN. */
export const shownAs: Record<ColumnType, (c: string) => string> = {
  number: (c) => c,
  integer: (c) => `${c}::double`,
  boolean: (c) => c,
  category: (c) => c,
  text: (c) => c,
  datetime: (c) => `strftime(${c}, '%Y-%m-%dT%H:%M:%S.%gZ')`,
  image: (c) => `case when ${c} is null then null else 'image' end`,
  audio: (c) => `case when ${c} is null then null else 'audio' end`,
  sequence: (c) =>
    `'[' || array_to_string(${c}[1:${sequenceElementsShown}], ', ') || if(len(${c}) > ${sequenceElementsShown}, ', …]', ']')`,
};

export interface ColumnDescription {
  statistics: ColumnStatistics;
  examples: Cell[];
}

/** Statistics and the first few values of the columns c0, c1, … of `table`. */
export async function describeColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Kind[],
): Promise<ColumnDescription[]> {
  const statistics: ColumnStatistics[] = [];
  for (let start = 0; start < columns.length; start += columnsPerQuery) {
    statistics.push(...(await measure(connection, table, columns.slice(start, start + columnsPerQuery), start)));
  }
  for (const [index, { type }] of columns.entries()) {
    const frequent = await mostFrequent(connection, table, `c${index}`, type, statistics[index].distinct);
    if (frequent !== undefined) statistics[index].most_frequent = frequent;
  }
  const shown = columns.map(({ type }, index) => exampleSql(type, `c${index}`));
  const firstRows = await selectRows(connection, `select ${shown.join(", ")} from ${table} limit ${rowsLookedAt}`);
  const descriptions: ColumnDescription[] = [];
  for (const index of columns.keys()) {
    let values: Cell[] = firstRows.map((row) => row[index] as Cell).filter((value) => value !== null);
    if (values.length === 0 && statistics[index].distinct > 0) {
      const where = `where c${index} is not null limit ${examplesKept}`;
      values = (await selectRows(connection, `select ${shown[index]} from ${table} ${where}`)).map(
        ([value]) => value as Cell,
      );
    }
    descriptions.push({ statistics: statistics[index], examples: values.slice(0, examplesKept) });
  }
  return descriptions;
}

async function measure(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Kind[],
  offset: number,
): Promise<ColumnStatistics[]> {
  const measures = columns.flatMap((column, index) => {
    const c = `c${offset + index}`;
    const number = measured[column.type]?.(c, column) ?? "null::double";
    // hash: images are compared by 64 bits, not by holding them all.
    const distinct = `count(distinct ${isMedia(column.type) ? `hash(${c})` : c})`;
    return [
      `count(*) - count(${c})`,
      distinct,
      `min(${number})`,
      `max(${number})`,
      `avg(${number}) filter (abs(${number}) < ${largestMeasured})`,
      `stddev_pop(${number}) filter (abs(${number}) < ${largestMeasured})`,
    ];
  });
  const [row] = await selectRows(connection, `select ${measures.join(", ")} from ${table}`);
  return columns.map((_, index) => {
    const [missing, distinct, min, max, mean, std] = row.slice(6 * index, 6 * index + 6);
    const statistics: ColumnStatistics = { missing: Number(missing), distinct: Number(distinct) };
    if (typeof min !== "number" || typeof max !== "number") return statistics;
    Object.assign(statistics, { min, max });
    const measurable = Math.max(Math.abs(min), Math.abs(max)) < largestMeasured;
    if (measurable) Object.assign(statistics, { mean, std });
    return statistics;
  });
}

async function mostFrequent(
  connection: DuckDBConnection,
  table: string,
  c: string,
  type: ColumnType,
  distinct: number,
): Promise<ColumnStatistics["most_frequent"]> {
  const counted = type === "category" || type === "boolean" || (type === "integer" && distinct <= countedIntegers);
  if (!counted || distinct === 0) return undefined;
  const rows = await selectRows(
    connection,
    `select ${shownAs[type](c)} as value, count(*)::integer as count from ${table}
     where ${c} is not null group by all order by count desc, value limit ${mostFrequentKept}`,
  );
  return rows.map(([value, count]) => ({ value: value as Cell, count: count as number }));
}

/** Examples are for looking at: long texts are cut. */
function exampleSql(type: ColumnType, c: string): string {
  const shown = shownAs[type](c);
  return type === "text" || type === "category" ? `left(${shown}, ${exampleCharacters})` : shown;
}
