// The features of a job that names none: every usable column, and what was left out, with the reason.
import type { ColumnSchema } from "../../contract/dataset.ts";
import type { Fault } from "../../errors.ts";
import { withArticle } from "../table.ts";
import { type FeatureType, isFeatureType } from "./catalogue.ts";
import type { FeatureSpec } from "./encode.ts";
import { mostCategories, specOf } from "./feature-spec.ts";

/** Features with what is to be said about them. */
export interface Chosen {
  specs: FeatureSpec[];
  warnings: Fault[];
  faults: Fault[];
}

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
    when: ({ id_like }) => id_like,
    why: () => "it has another value in every row, like an id",
    hint: "Ask for it by name in features if it means something.",
  },
  {
    code: "unusable_type",
    when: ({ type }) => !isFeatureType(type),
    why: ({ type }) => `it is ${withArticle(type)} column`,
    hint: 'Ask for it as {"name": …, "type": "category"} if its values recur.',
  },
  {
    code: "too_many_categories",
    when: ({ type, statistics }) => type === "category" && statistics.distinct > mostCategories,
    why: ({ statistics }) => `it has ${statistics.distinct} categories`,
    hint: `Merge rare categories: at most ${mostCategories} are encoded.`,
  },
];

/** @param apart columns that are something else: targets, and those that say how to split */
export function defaultFeatures(columns: readonly ColumnSchema[], apart: readonly string[]): Chosen {
  const chosen = usualFeatures(columns, apart);
  // x = 1, 2, 3 … looks like an id, but where there is nothing else it is the input.
  const counting = columns.filter(({ name, type, id_like }) => !apart.includes(name) && id_like && type === "integer");
  if (chosen.specs.length > 0 || counting.length === 0) return chosen;
  const others = chosen.warnings.filter(({ detail }) => !counting.some(({ name }) => detail.includes(`"${name}"`)));
  const used = counting.map(({ name }) => ({
    pointer: "/dataset/features",
    code: "id_like_column",
    detail: `Column "${name}" has another value in every row, like an id; it is used because nothing else can be.`,
    hint: "Leave it out if it is an id.",
  }));
  return {
    specs: counting.map((column) => specOf(column, "integer", {})),
    warnings: [...others, ...used],
    faults: chosen.faults,
  };
}

/** Every column that stands not apart and can be used; only the first image when there is one. */
function usualFeatures(columns: readonly ColumnSchema[], apart: readonly string[]): Chosen {
  const chosen: Chosen = { specs: [], warnings: [], faults: [] };
  const candidates = columns.filter(({ name }) => !apart.includes(name));
  const image = candidates.find(({ type }) => type === "image");
  for (const column of candidates) {
    const reason = leftOut.find(({ when }) => when(column));
    const besideImage = image !== undefined && column !== image;
    if (reason === undefined && !besideImage) chosen.specs.push(specOf(column, column.type as FeatureType, {}));
    else {
      const why = reason?.why(column) ?? "an image must be the only feature";
      const hint = reason?.hint ?? "Ask for it by name in features, without the image.";
      chosen.warnings.push({
        pointer: "/dataset/features",
        code: reason?.code ?? "beside_image",
        detail: `Column "${column.name}" is not used: ${why}.`,
        hint,
      });
    }
  }
  return chosen;
}
