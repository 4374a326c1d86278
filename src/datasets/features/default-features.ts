// The features of a job that names none: every usable column, and what was left out, with the reason.
import type { ColumnSchema } from "../../contract/dataset.ts";
import type { FeatureDefaults } from "../../contract/feature.ts";
import type { Fault } from "../../errors.ts";
import { withArticle } from "../table.ts";
import { type FeatureSpec, specOf, wordsPerExample } from "./feature-spec.ts";
import { isTokenEncoding } from "./tokens.ts";

/** Features with what is to be said about them. */
export interface Chosen {
  specs: FeatureSpec[];
  warnings: Fault[];
  faults: Fault[];
}

/** Beside other columns a text is a feature from so many words on: a name or a title tells rows apart and is learnt by heart. */
const wordsOfProse = 8;

const isProse = (column: ColumnSchema) => column.type === "text" && wordsPerExample(column) >= wordsOfProse;

/** Why a column is not a feature by default: the first that holds. */
const leftOut: readonly {
  code: string;
  when: (column: ColumnSchema) => boolean;
  why: (column: ColumnSchema) => string;
  hint: string;
}[] = [
  {
    code: "empty_column",
    when: ({ statistics }) => statistics.distinct === 0,
    why: () => "it has no value in any row",
    hint: "Drop the column.",
  },
  {
    code: "id_like_column",
    when: (column) => column.id_like && !isProse(column),
    why: () => "it has another value in every row, like an id",
    hint: "Ask for it by name in features if it means something.",
  },
  {
    code: "short_text",
    when: (column) => column.type === "text" && !isProse(column),
    why: () => "it holds short texts, like names or codes",
    hint: "Ask for it by name in features if they mean something.",
  },
];

/** Where nothing else is left, the first of these that there are: texts, names, and x = 1, 2, 3 …, which looks like an id. */
const lastResorts: readonly ((column: ColumnSchema) => boolean)[] = [
  (column) => column.type === "text" && wordsPerExample(column) >= 2,
  ({ type }) => type === "text",
  ({ type, id_like }) => type === "integer" && id_like,
];

/**
 * @param apart columns that are something else: targets, and those that say how to split
 * @param defaults options of the architecture: one that reads texts as tokens takes one text alone
 */
export function defaultFeatures(
  columns: readonly ColumnSchema[],
  apart: readonly string[],
  defaults: FeatureDefaults,
): Chosen {
  const chosen = usualFeatures(columns, apart, defaults);
  if (chosen.specs.length > 0) return chosen;
  const candidates = columns.filter(({ name, statistics }) => !apart.includes(name) && statistics.distinct > 0);
  const lastResort = lastResorts.map((when) => candidates.filter(when)).find(({ length }) => length > 0) ?? [];
  const others = chosen.warnings.filter(({ detail }) => !lastResort.some(({ name }) => detail.includes(`"${name}"`)));
  const used = lastResort
    .filter(({ type }) => type === "integer")
    .map(({ name }) => ({
      pointer: "/dataset/features",
      code: "id_like_column",
      detail: `Column "${name}" has another value in every row, like an id; it is used because nothing else can be.`,
      hint: "Leave it out if it is an id.",
    }));
  return {
    specs: lastResort.map((column) => specOf(column, column.type, {}, defaults)),
    warnings: [...others, ...used],
    faults: chosen.faults,
  };
}

/** Every column that stands not apart and can be used; only the first image, sound or sequence when there is one, and only
 * the longest text where texts are tokens. */
function usualFeatures(columns: readonly ColumnSchema[], apart: readonly string[], defaults: FeatureDefaults): Chosen {
  const chosen: Chosen = { specs: [], warnings: [], faults: [] };
  const candidates = columns.filter(({ name }) => !apart.includes(name));
  const alone =
    candidates.find(({ type }) => type === "image" || type === "audio" || type === "sequence") ??
    (isTokenEncoding(defaults.text?.encoding) ? longestText(candidates) : undefined);
  for (const column of candidates) {
    const reason = column === alone && column.type === "text" ? undefined : leftOut.find(({ when }) => when(column));
    const isBeside = alone !== undefined && column !== alone;
    if (reason === undefined && !isBeside) chosen.specs.push(specOf(column, column.type, {}, defaults));
    else {
      const why = reason?.why(column) ?? `${withArticle(alone!.type)} must be the only feature`;
      const hint = reason?.hint ?? `Ask for it by name in features, without the ${alone!.type}.`;
      chosen.warnings.push({
        pointer: "/dataset/features",
        code: reason?.code ?? `beside_${alone!.type}`,
        detail: `Column "${column.name}" is not used: ${why}.`,
        hint,
      });
    }
  }
  return chosen;
}

function longestText(columns: readonly ColumnSchema[]): ColumnSchema | undefined {
  const texts = columns.filter(({ type }) => type === "text");
  return texts.toSorted((a, b) => wordsPerExample(b) - wordsPerExample(a))[0];
}
