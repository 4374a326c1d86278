// Which rows train: the split of a request checked against the schema, with every default filled in.
import type { ColumnSchema } from "../contract/dataset.ts";
import { type JobRequest, split as splitSchema } from "../contract/job.ts";
import { suggestName } from "../contract/strict-object.ts";
import { partNamed } from "../datasets/split-table.ts";
import { splitSizes, type SplitSizes } from "../datasets/splits.ts";
import { withArticle } from "../datasets/table.ts";
import type { Fault } from "../errors.ts";

export type ResolvedSplit = NonNullable<JobRequest["dataset"]["split"]>;

/** Below this many rows nothing is held out unless it is asked for. */
const fewestRowsToSplit = 30;

/** The column that gives the parts when the request does not say how to split. */
const splitColumnName = "split";

/** The columns that say which row is in which part: no features unless asked for, the first one never. */
export interface SplitColumns {
  given: string | undefined;
  group: string | undefined;
}

/** Found before the features, which must leave them out. */
export function splitColumns(request: JobRequest["dataset"], columns: readonly ColumnSchema[]): SplitColumns {
  const { column, group, time } = request.split ?? {};
  if (column !== undefined || group !== undefined || time !== undefined) return { given: column ?? undefined, group };
  const found = columns.find(({ name }) => name === splitColumnName);
  return { given: found !== undefined && givesParts(found) ? found.name : undefined, group: undefined };
}

function givesParts({ type, statistics }: ColumnSchema): boolean {
  const values = statistics.most_frequent ?? [];
  const parts = values.map(({ value }) => partNamed(value));
  return type === "category" && !parts.includes(undefined) && parts.includes("train") && statistics.missing === 0;
}

/**
 * The split with its defaults, and how many rows each part gets: exact at random and by time, as near as the groups allow
 * by group. `rows` are those with a target.
 */
export function resolveSplit(
  request: JobRequest["dataset"],
  columns: readonly ColumnSchema[],
  rows: number,
  trained: boolean,
  { faults, warnings }: { faults: Fault[]; warnings: Fault[] },
): { split: ResolvedSplit; sizes: SplitSizes } {
  const { given, group } = splitColumns(request, columns);
  const split = { ...withDefaults(request, rows, trained, given !== undefined, warnings) };
  delete split.rows;
  if (given !== undefined) split.column = given;
  const chosen = (["column", "group", "time"] as const).find((kind) => typeof split[kind] === "string");
  if (chosen !== undefined) {
    const pointer = `/dataset/split/${chosen}`;
    const name = split[chosen]!;
    const column = columns.find((candidate) => candidate.name === name);
    const found = column === undefined ? [unknownColumn(name, columns, pointer)] : columnFaults[chosen](column, split);
    faults.push(...found.map((fault) => ({ pointer, ...fault })));
    if (column !== undefined && found.length === 0 && given !== undefined)
      return withSizes(split, sizesOfGiven(column, split, rows));
    if (group !== undefined && [request.target].flat().includes(group))
      faults.push({
        pointer,
        code: "target_as_group",
        detail: `"${group}" is the target.`,
        hint: "Choose another column.",
      });
    if (chosen === "time" && column !== undefined && (column.type === "text" || column.type === "category"))
      warnings.push({
        pointer,
        code: "ordered_as_text",
        detail: `"${name}" is ${withArticle(column.type)} column: its rows are ordered as text.`,
        hint: "Right for 1949-01, wrong for 1/2/1949: then declare or write dates as 1949-02-01.",
      });
  }
  return withSizes(split, splitSizes(rows, split));
}

const withSizes = (split: ResolvedSplit, sizes: SplitSizes) => ({ split: { ...split, rows: sizes }, sizes });

function withDefaults(
  { split }: JobRequest["dataset"],
  rows: number,
  trained: boolean,
  given: boolean,
  warnings: Fault[],
): ResolvedSplit {
  if (split !== undefined) return split;
  if (!trained) return { validation: 0, test: 0, stratify: true };
  if (rows >= fewestRowsToSplit || given) return splitSchema.parse({});
  warnings.push({
    pointer: "/dataset/split",
    code: "no_validation",
    detail: `With ${rows} rows nothing was held out: the metrics are those of the training rows.`,
    hint: `Ask for a split, such as {"validation":0.2}, or bring ${fewestRowsToSplit} rows or more.`,
  });
  return { validation: 0, test: 0, stratify: true };
}

function unknownColumn(name: string, columns: readonly ColumnSchema[], pointer: string): Fault {
  const names = columns.map((column) => column.name);
  return {
    pointer,
    code: "unknown_column",
    detail: `The dataset has no column "${name}".`,
    hint: suggestName(name, names),
  };
}

type Finding = Omit<Fault, "pointer">;

/** What a column must be to split by it. */
const columnFaults: Record<"column" | "group" | "time", (column: ColumnSchema, split: ResolvedSplit) => Finding[]> = {
  column: (column) => {
    if (givesParts(column)) return [];
    const { most_frequent = [], missing } = column.statistics;
    const values = most_frequent.slice(0, 5).map(({ value }) => JSON.stringify(value));
    const got =
      missing > 0
        ? `${missing} rows without a value`
        : values.length === 0
          ? `${column.type} values`
          : values.join(", ");
    return [
      {
        code: "no_split_column",
        detail: `"${column.name}" has ${got}; expected train, validation and test, and at least train.`,
        hint: 'Write the part of every row into it, or use "group" to keep rows with the same value together.',
      },
    ];
  },

  group: ({ name, type, statistics }, { validation, test }) => {
    if (type === "image" || type === "number")
      return [
        {
          code: "wrong_type",
          detail: `"${name}" is ${withArticle(type)} column, which names no group.`,
          hint: "Choose a column of words, integers or truth values.",
        },
      ];
    const groups = statistics.distinct + (statistics.missing > 0 ? 1 : 0);
    const parts = 1 + (validation > 0 ? 1 : 0) + (test > 0 ? 1 : 0);
    if (groups >= parts) return [];
    return [
      {
        code: "too_few_groups",
        detail: `"${name}" has ${groups} group${groups === 1 ? "" : "s"}, but the split has ${parts} parts, and a group is never divided.`,
        hint: "Set validation or test to 0, or choose a column with more values.",
      },
    ];
  },

  time: ({ name, type, statistics }) => {
    if (type === "image" || type === "boolean")
      return [
        {
          code: "wrong_type",
          detail: `"${name}" is ${withArticle(type)} column, which has no order in time.`,
          hint: "Choose a column of dates or numbers.",
        },
      ];
    if (statistics.missing === 0) return [];
    return [
      {
        code: "missing_time",
        detail: `${statistics.missing} rows have no "${name}": they have no place in the order.`,
        hint: "Fill the cells, or leave those rows out.",
      },
    ];
  },
};

/** `rows` with a target are assumed to be spread over the parts like all rows. */
function sizesOfGiven(column: ColumnSchema, split: ResolvedSplit, rows: number): SplitSizes {
  const counts: SplitSizes = { train: 0, validation: 0, test: 0 };
  for (const { value, count } of column.statistics.most_frequent ?? []) counts[partNamed(value)!] += count;
  const all = counts.train + counts.validation + counts.test;
  const share = (part: keyof SplitSizes) => Math.round((counts[part] * rows) / all);
  const drawn = splitSizes(share("train"), {
    validation: counts.validation > 0 ? 0 : split.validation,
    test: counts.test > 0 ? 0 : split.test,
  });
  return {
    train: drawn.train,
    validation: counts.validation > 0 ? share("validation") : drawn.validation,
    test: counts.test > 0 ? share("test") : drawn.test,
  };
}
