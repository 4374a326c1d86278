// Statistics of the typed columns, by type: what a person looks at before training.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cell, ColumnSchema, ColumnStatistics, ColumnType } from "../contract/dataset.ts";
import { askColumns, selectRows } from "./duckdb.ts";
import { countDistinct } from "./distinct-values.ts";
import { type ColumnProfile, isMedia } from "./schema.ts";

const mostFrequentKept = 20;
const examplesKept = 5;
const columnsPerQuery = 256;
/** Quartiles are those of so many rows at least, evenly spread over the table. */
const quartileRows = 50_000;
const wordsPerHistogram = 1000;
const histogramsPerQuery = 64;
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

/** Statistics and the first few values of the columns c0, c1, … of `table`; `known` is what was found out before. */
export async function describeColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Kind[],
  known: ReadonlyMap<number, ColumnProfile>,
): Promise<ColumnDescription[]> {
  const [[rows]] = (await selectRows(connection, `select count(*)::double from ${table}`)) as number[][];
  const source = { connection, table, columns, rows };
  const statistics = await measure(source, known);
  await addDistinct(source, statistics, known);
  await addMoments(source, statistics);
  await addMostFrequent(source, statistics);
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

interface Source {
  connection: DuckDBConnection;
  table: string;
  columns: readonly Kind[];
  rows: number;
}

const ask = (
  { connection, table }: Source,
  ...rest: Parameters<typeof askColumns> extends [unknown, unknown, ...infer Rest] ? Rest : never
) => askColumns(connection, table, ...rest);
const all = (source: Source) => source.columns.map((_, index) => index);

/** What one pass over a column tells. */
async function measure(source: Source, known: ReadonlyMap<number, ColumnProfile>): Promise<ColumnStatistics[]> {
  const statistics: ColumnStatistics[] = [];
  const keep = (index: number, present: number, min: number | null, max: number | null) => {
    const range = min !== null && max !== null && { min, max };
    statistics[index] = { missing: source.rows - present, distinct: 0, ...range };
  };
  const isKnown = (index: number) => known.get(index)?.min !== undefined;
  for (const index of all(source).filter(isKnown)) {
    const { present, min = null, max = null } = known.get(index)!;
    keep(index, present, min, max);
  }
  const sqlOf = (index: number) => {
    const kind = source.columns[index];
    const number = measured[kind.type]?.(`c${index}`, kind) ?? "null::double";
    return [`count(c${index})::double`, `min(${number})`, `max(${number})`];
  };
  const unknown = all(source).filter((index) => !isKnown(index));
  await ask(source, unknown, columnsPerQuery, sqlOf, (index, values) => {
    keep(index, ...(values as [number, number | null, number | null]));
  });
  return statistics;
}

async function addDistinct(
  source: Source,
  statistics: ColumnStatistics[],
  known: ReadonlyMap<number, ColumnProfile>,
): Promise<void> {
  const { connection, columns } = source;
  /** Words are stored as they were read, and their profile has counted them. */
  const counted = (index: number) =>
    columns[index].type === "category" || columns[index].type === "text" ? known.get(index)?.distinct : undefined;
  const uncounted = all(source).filter((index) => counted(index) === undefined);
  const canBeId = (index: number) => columns[index].type !== "number" && !isMedia(columns[index].type);
  const found = await countDistinct(connection, source, uncounted, canBeId);
  for (const [index, one] of statistics.entries()) {
    one.distinct = Math.min(counted(index) ?? found.get(index)!, source.rows - one.missing);
  }
}

/** Mean, deviation and quartiles, of columns whose squares a double holds. */
async function addMoments(source: Source, statistics: ColumnStatistics[]): Promise<void> {
  const numeric = all(source).filter((index) => {
    const { min, max } = statistics[index];
    return min !== undefined && max !== undefined && Math.max(Math.abs(min), Math.abs(max)) < largestMeasured;
  });
  const numberOf = (index: number) => measured[source.columns[index].type]!(`c${index}`, source.columns[index]);
  const moments = (index: number) => [`avg(${numberOf(index)})`, `stddev_pop(${numberOf(index)})`];
  await ask(source, numeric, columnsPerQuery, moments, (index, [mean, std]) => {
    Object.assign(statistics[index], { mean, std });
  });
  const quantified = numeric.filter((index) => ["number", "integer"].includes(source.columns[index].type));
  const step = Math.max(1, Math.floor(source.rows / quartileRows));
  const some = step === 1 ? source : { ...source, table: `${source.table} where rowid % ${step} = 0` };
  const quartiles = (index: number) => [`quantile_cont(${numberOf(index)}, [0.25, 0.5, 0.75])`];
  await ask(some, quantified, columnsPerQuery, quartiles, (index, [found]) => {
    if (found !== null) statistics[index].quartiles = found as number[];
  });
}

async function addMostFrequent(source: Source, statistics: ColumnStatistics[]): Promise<void> {
  const counted = all(source).filter((index) => {
    const { type } = source.columns[index];
    const { distinct } = statistics[index];
    if (distinct === 0) return false;
    return type === "category" || type === "boolean" || (type === "integer" && distinct <= countedIntegers);
  });
  const keep = (index: number, counts: [Cell, number][]) => {
    const present = source.rows - statistics[index].missing;
    statistics[index].most_frequent = counts.map(([value, count]) => ({ value, count, share: count / present }));
  };
  const few = counted.filter((index) => statistics[index].distinct <= wordsPerHistogram);
  const histogram = (index: number) => [`map_entries(histogram(${shownAs[source.columns[index].type](`c${index}`)}))`];
  await ask(source, few, histogramsPerQuery, histogram, (index, [entries]) => {
    const counts = (entries as { key: Cell; value: bigint }[]).map(({ key, value }): [Cell, number] => [
      key,
      Number(value),
    ]);
    // The most frequent first; of equals, the smaller value.
    counts.sort(([a, countA], [b, countB]) => countB - countA || (a! < b! ? -1 : 1));
    keep(index, counts.slice(0, mostFrequentKept));
  });
  for (const index of counted.filter((column) => !few.includes(column))) {
    const { connection, table, columns } = source;
    const value = shownAs[columns[index].type](`c${index}`);
    const rows = await selectRows(
      connection,
      `select ${value} as value, count(*)::double as count from ${table} where c${index} is not null
       group by all order by count desc, value limit ${mostFrequentKept}`,
    );
    keep(index, rows as [Cell, number][]);
  }
}

/** Examples are for looking at: long texts are cut. */
function exampleSql(type: ColumnType, c: string): string {
  const shown = shownAs[type](c);
  return type === "text" || type === "category" ? `left(${shown}, ${exampleCharacters})` : shown;
}
