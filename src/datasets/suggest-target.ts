// Which column is most likely meant as target: the first rule that finds one.
import type { ColumnSchema } from "../contract/dataset.ts";
import { partColumn } from "./readers/parts.ts";
import { isMedia } from "./schema.ts";

/** Names that mean "this is what to predict", the most telling first. */
const targetNames = [
  "target",
  "label",
  "labels",
  "class",
  "y",
  "outcome",
  "species",
  "survived",
  "income",
  "diagnosis",
  "quality",
  "category",
  "output",
  "mpg",
  "cnt",
  "price",
];

/** Ends of names that mean "this is what to predict", such as median_house_value. */
const targetEnds = /[ _](target|label|class|value|price|score)$/i;

const fewValues = 20;

const rules: readonly ((columns: readonly ColumnSchema[]) => ColumnSchema | undefined)[] = [
  (columns) =>
    targetNames
      .map((name) => columns.find((column) => column.name.toLowerCase() === name))
      .find((found) => found !== undefined),
  (columns) => columns.findLast(({ name, id_like }) => !id_like && targetEnds.test(name)),
  (columns) =>
    columns.findLast(
      ({ type, statistics: { distinct } }) =>
        (type === "category" || type === "boolean" || type === "integer") && distinct >= 2 && distinct <= fewValues,
    ),
  (columns) => columns.findLast(({ type }) => type !== "datetime"),
];

/** The name of the suggested target; null when no column can be one. Columns without any value are passed over. */
export function suggestTarget(columns: readonly ColumnSchema[]): string | null {
  // Beside pictures and sounds without classes stand only the names of their files.
  const meaningless = columns.some(({ type }) => isMedia(type)) ? [partColumn, "file"] : [partColumn];
  const usable = columns.filter(
    ({ name, type, statistics }) => !isMedia(type) && statistics.distinct > 0 && !meaningless.includes(name),
  );
  for (const rule of rules) {
    const found = rule(usable);
    if (found !== undefined) return found.name;
  }
  return null;
}
