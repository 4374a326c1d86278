// Which columns become features, what the target is and which task follows: decided from the schema alone, before any
// row is read, so that a wrong job is refused when it is submitted.
import type { z } from "zod";
import type { ColumnSchema, ColumnType } from "../../contract/dataset.ts";
import type { featureSpec } from "../../contract/job.ts";
import { suggestName } from "../../contract/strict-object.ts";
import type { Fault } from "../../errors.ts";
import { isFeatureType } from "./catalogue.ts";
import type { FeatureType } from "./catalogue.ts";
import type { FeatureSpec } from "./encode.ts";
import { selectTarget } from "./select-target.ts";
import type { Task } from "./select-target.ts";
import { withArticle } from "../table.ts";

export interface Selection {
  specs: FeatureSpec[];
  targets: string[];
  task: Task;
  /** of one row, as far as the schema knows it: [width], or [height, width, channels] of an image */
  inputShape: number[];
  /** False when a category may be missing among the training rows: then the network comes out narrower than `inputShape`. */
  exactWidth: boolean;
  /** Every input is 0 or 1, whatever the row. */
  binaryInputs: boolean;
  /** network outputs: classes, or targets of a regression */
  outputs: number;
  /** Columns left out and the like; nothing to stop for. */
  warnings: Fault[];
  /** With any of these the job must be refused; all else is then incomplete. */
  faults: Fault[];
}

type Asked = string | z.output<typeof featureSpec>;

const mostCategories = 1000;

/** Declared type of a feature → types of column it can be read from. */
const readableFrom: Record<FeatureType, readonly ColumnType[]> = {
  number: ["number", "integer"],
  integer: ["number", "integer"],
  boolean: ["boolean"],
  category: ["category", "text", "integer", "number", "boolean"],
  image: ["image"],
};

/** Pointers are those of a job request: /dataset/target, /dataset/features/2. Never throws for what a request says. */
export function selectFeatures(
  columns: readonly ColumnSchema[],
  request: { target: string | readonly string[]; features?: readonly Asked[] | undefined; task?: Task | "auto" },
): Selection {
  const target = selectTarget(columns, request.target, request.task ?? "auto");
  const chosen =
    request.features === undefined
      ? defaultFeatures(columns, target.targets)
      : askedFeatures(columns, target.targets, request.features);
  const faults = [...target.faults, ...chosen.faults];
  if (faults.length === 0 && chosen.specs.length === 0) {
    faults.push({
      pointer: "/dataset/features",
      code: "no_features",
      detail: "No column is left that can be a feature.",
      hint: "Ask for features by name, or declare the types of columns when the dataset is uploaded.",
    });
  }
  const inputs = chosen.specs.map((spec) => ({ spec, column: columns.find(({ name }) => name === spec.name)! }));
  const image = inputs.find(({ spec }) => spec.type === "image");
  const width = inputs.reduce(
    (sum, { spec, column }) => sum + (spec.type === "category" ? column.statistics.distinct : 1),
    0,
  );
  const targetColumn = columns.find(({ name }) => name === target.targets[0]);
  return {
    specs: chosen.specs,
    targets: target.targets,
    task: target.task,
    inputShape: image?.column.shape ?? [width],
    exactWidth: inputs.every(({ spec }) => spec.type !== "category"),
    binaryInputs: inputs.every(({ spec, column }) => isBinary(spec, column)),
    outputs: target.task === "classification" ? (targetColumn?.statistics.distinct ?? 0) : target.targets.length,
    warnings: [...target.warnings, ...chosen.warnings],
    faults,
  };
}

/** One-hot inputs are binary; a truth value is unless it may be missing (0.5); numbers are when only 0 and 1 occur, unscaled. */
function isBinary({ type, scale }: FeatureSpec, column: ColumnSchema): boolean {
  const { missing } = column.statistics;
  if (type === "category") return true;
  if (type === "boolean") return missing === 0;
  return type !== "image" && missing === 0 && isZeroOrOne(column) && scale === "none";
}

interface Chosen {
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

/** Every column that is no target and can be used; only the first image when there is one. */
function defaultFeatures(columns: readonly ColumnSchema[], targets: readonly string[]): Chosen {
  const chosen: Chosen = { specs: [], warnings: [], faults: [] };
  const candidates = columns.filter(({ name }) => !targets.includes(name));
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

function askedFeatures(columns: readonly ColumnSchema[], targets: readonly string[], asked: readonly Asked[]): Chosen {
  const chosen: Chosen = { specs: [], warnings: [], faults: [] };
  const seen = new Set<string>();
  asked.forEach((feature, index) => {
    const options = typeof feature === "string" ? { name: feature } : feature;
    const pointer = `/dataset/features/${index}`;
    const fault = faultOf(columns, targets, seen, options, pointer);
    seen.add(options.name);
    if (fault !== undefined) chosen.faults.push(fault);
    else chosen.specs.push(specOf(columnNamed(columns, options.name), featureType(columns, options), options));
  });
  const image = chosen.specs.find(({ type }) => type === "image");
  if (image !== undefined && chosen.specs.length > 1) {
    chosen.faults.push({
      pointer: "/dataset/features",
      code: "beside_image",
      detail: `The image "${image.name}" stands beside ${chosen.specs.length - 1} other features.`,
      hint: "An image must be the only feature.",
    });
  }
  return chosen;
}

type Options = Exclude<Asked, string>;

/** The feature with "auto" filled in. Scale and missing mean something for numbers only. */
function specOf(
  column: ColumnSchema,
  type: FeatureType,
  { scale = "auto", missing = "mean" }: Partial<Options>,
): FeatureSpec {
  const { name } = column;
  if (type !== "number" && type !== "integer") return { name, type };
  const automatic = isZeroOrOne(column) ? "none" : "standard";
  return { name, type, scale: scale === "auto" ? automatic : scale, missing };
}

/** Only 0 and 1 occur. */
function isZeroOrOne({ statistics: { distinct, min, max } }: ColumnSchema): boolean {
  return distinct <= 2 && [min, max].every((value) => value === 0 || value === 1);
}

/** The column of a name that is known to exist. */
function columnNamed(columns: readonly ColumnSchema[], name: string): ColumnSchema {
  return columns.find((column) => column.name === name)!;
}

/** The declared type, else the column's own. Only for features without fault. */
function featureType(columns: readonly ColumnSchema[], { name, type }: Options): FeatureType {
  return (type ?? columnNamed(columns, name).type) as FeatureType;
}

function faultOf(
  columns: readonly ColumnSchema[],
  targets: readonly string[],
  seen: ReadonlySet<string>,
  { name, type: declared }: Options,
  pointer: string,
): Fault | undefined {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const names = columns.map((candidate) => candidate.name).filter((candidate) => !targets.includes(candidate));
    return {
      pointer,
      code: "unknown_column",
      detail: `The dataset has no column "${name}".`,
      hint: suggestName(name, names),
    };
  }
  if (targets.includes(name)) {
    return {
      pointer,
      code: "target_as_feature",
      detail: `"${name}" is the target.`,
      hint: "Take it out of the features, or choose another target.",
    };
  }
  if (seen.has(name))
    return { pointer, code: "duplicate_feature", detail: `"${name}" is listed twice.`, hint: "List it once." };
  const type = declared ?? column.type;
  const typePointer = declared === undefined ? pointer : `${pointer}/type`;
  if (!isFeatureType(type)) {
    const hint = 'Declare it as "category" if its values recur, or leave it out.';
    return {
      pointer: typePointer,
      code: "unusable_type",
      detail: `"${name}" is ${withArticle(type)} column, which cannot be a feature.`,
      hint,
    };
  }
  if (!readableFrom[type].includes(column.type)) {
    const example = column.examples.find((value) => value !== null);
    const shown = example === undefined ? "" : `, for example ${JSON.stringify(example)}`;
    return {
      pointer: typePointer,
      code: "wrong_type",
      detail: `"${name}" is ${withArticle(column.type)} column${shown}: it cannot be read as ${withArticle(type)}.`,
      hint: `Leave "type" out to use it as it is${type === "number" || type === "integer" ? ", or mend the cells and upload again" : ""}.`,
    };
  }
  if (type === "category" && column.statistics.distinct > mostCategories) {
    return {
      pointer,
      code: "too_many_categories",
      detail: `"${name}" has ${column.statistics.distinct} different values, more than ${mostCategories} categories.`,
      hint: "Merge rare categories, or leave the column out.",
    };
  }
  return undefined;
}
