// Which columns become features, what the target is and which task follows: decided from the schema alone, before any
// row is read, so that a wrong job is refused when it is submitted.
import type { ColumnSchema, ColumnType } from "../../contract/dataset.ts";
import { suggestName } from "../../contract/strict-object.ts";
import type { Fault } from "../../errors.ts";
import { augmentationFaults } from "./augmentation-faults.ts";
import type { FeatureType } from "./catalogue.ts";
import { type Chosen, defaultFeatures } from "./default-features.ts";
import type { FeatureDefaults, FeatureOptions, FeatureRequest } from "../../contract/feature.ts";
import type { TargetTokens } from "../../contract/text-target.ts";
import {
  expectedWidth,
  type FeatureSpec,
  isBinary,
  largestIndex,
  loneShape,
  optionTypes,
  specOf,
} from "./feature-spec.ts";
import { labelsShown, tagsShown } from "./labels-shown.ts";
import { selectTarget } from "./select-target.ts";
import type { Task } from "./select-target.ts";
import { withArticle } from "../table.ts";
import { tokenCount } from "./tokens.ts";

export interface Selection {
  specs: FeatureSpec[];
  targets: string[];
  task: Task;
  /** of one row, as far as the schema knows it: [width], or that of the one feature with a shape */
  inputShape: number[];
  /** False when the training rows decide, such as which categories occur: the network may be narrower than `inputShape`. */
  exactInputs: boolean;
  /** Different token numbers at most, when the feature is a sequence of tokens with a vocabulary of its own. */
  tokens: number | undefined;
  /** The largest input, when all are whole numbers from 0 on, whatever the row. */
  largestIndex: number | undefined;
  /** Every input is 0 or 1, whatever the row. */
  binaryInputs: boolean;
  /** network outputs: classes, tokens of a target text at most, or targets of a regression */
  outputs: number;
  /** False when only the rows tell how many there are. */
  exactOutputs: boolean;
  /** Columns left out and the like; nothing to stop for. */
  warnings: Fault[];
  /** With any of these the job must be refused; all else is then incomplete. */
  faults: Fault[];
}

type Asked = string | FeatureRequest;

/** Declared type of a feature → types of column it can be read from. */
const readableFrom: Record<FeatureType, readonly ColumnType[]> = {
  number: ["number", "integer"],
  integer: ["number", "integer"],
  boolean: ["boolean"],
  category: ["category", "text", "integer", "number", "boolean"],
  datetime: ["datetime"],
  text: ["text", "category"],
  image: ["image"],
  audio: ["audio"],
  sequence: ["sequence"],
};

/** Pointers are those of a job request: /dataset/target, /dataset/features/2. Never throws for what a request says. */
export function selectFeatures(
  columns: readonly ColumnSchema[],
  request: {
    target: string | readonly string[];
    features?: readonly Asked[] | undefined;
    task?: Task | "auto";
    /** Of multi_label: what stands between the labels of a cell. */
    separator?: string | undefined;
    /** Of sequence: how the target becomes tokens. */
    targetTokens?: TargetTokens | undefined;
    /** of the dataset */
    rows: number;
    /** Columns that say which row is in which part. */
    splitColumns?: { given: string | undefined; group: string | undefined };
    /** Of a time series: the targets' own past is an input, unless features are named. */
    window?: { length: number; horizon: number; time: string | undefined } | undefined;
    /** Options that the architecture chooses where the request does not. */
    defaults?: FeatureDefaults | undefined;
  },
): Selection {
  const { window, defaults = {} } = request;
  const task = request.task ?? "auto";
  const target = selectTarget(columns, request.target, window === undefined ? task : "regression", request.rows);
  const notFeatures = window === undefined ? target.targets : [];
  const chosen =
    request.features === undefined
      ? defaultFeatures(
          columns,
          [...notFeatures, ...Object.values(request.splitColumns ?? {}), window?.time].filter(isName),
          defaults,
        )
      : askedFeatures(columns, notFeatures, request.features, request.splitColumns?.given, defaults);
  const faults = [...target.faults, ...chosen.faults];
  if (window !== undefined && task !== "auto" && task !== "regression") faults.push(windowOfClasses);
  if (faults.length === 0 && chosen.specs.length === 0) {
    const reasons = chosen.warnings.map(({ detail }) => detail).join(" ");
    faults.push({
      pointer: "/dataset/features",
      code: "no_features",
      detail: `No column is left that can be a feature. ${reasons}`.trim(),
      hint: "Add columns of numbers, categories or truth values, or declare the types of columns at the upload.",
    });
  }
  const inputs = chosen.specs.map((spec) => ({ spec, column: columns.find(({ name }) => name === spec.name)! }));
  const alone = inputs.map(({ spec, column }) => loneShape(spec, column)).find((shape) => shape !== undefined);
  const widths = inputs.map(({ spec, column }) => expectedWidth(spec, column));
  const width = widths.reduce((sum, one) => sum + one.width, 0);
  if (window !== undefined && alone !== undefined) faults.push(windowOfShapes);
  const exactInputs = alone !== undefined || widths.every(({ exact }) => exact);
  const inputShape = alone ?? (window === undefined ? [width] : [window.length, width]);
  const targetColumn = columns.find(({ name }) => name === target.targets[0]);
  const outputs: Record<Task, () => number> = {
    classification: () => targetColumn?.statistics.distinct ?? 0,
    regression: () => target.targets.length * (window?.horizon ?? 1),
    multi_label: () => labelsShown(targetColumn, request.separator),
    tagging: () => tagsShown(targetColumn),
    sequence: () => request.targetTokens?.vocabulary_size ?? 0,
    reconstruction: () => inputShape.reduce((product, extent) => product * extent, 1),
  };
  return {
    specs: chosen.specs,
    targets: target.targets,
    task: target.task,
    inputShape,
    exactInputs,
    exactOutputs: target.task === "reconstruction" ? exactInputs : !hasOutputsUnseen.has(target.task),
    tokens: alone === undefined ? undefined : tokenCount(chosen.specs[0]),
    largestIndex: inputs
      .map(({ spec, column }) => largestIndex(spec, column))
      .reduce((most, one) => (most === undefined || one === undefined ? undefined : Math.max(most, one)), 0),
    binaryInputs: inputs.every(({ spec, column }) => isBinary(spec, column)),
    outputs: outputs[target.task](),
    warnings: [...target.warnings, ...chosen.warnings],
    faults,
  };
}

/** Tasks of which only the rows tell how many outputs there are. */
const hasOutputsUnseen: ReadonlySet<Task> = new Set<Task>(["multi_label", "sequence", "tagging"]);

const isName = (name: string | undefined) => name !== undefined;

const windowOfClasses: Fault = {
  pointer: "/dataset/task",
  code: "window_of_classes",
  detail: "A window predicts numbers, not classes.",
  hint: "Leave task out, or leave window out.",
};

const windowOfShapes: Fault = {
  pointer: "/dataset/features",
  code: "window_of_shapes",
  detail: "A window is made of rows of numbers: an image, a sound, a sequence or tokens cannot be one of its features.",
  hint: "Choose columns of numbers, categories, truth values or dates.",
};

function askedFeatures(
  columns: readonly ColumnSchema[],
  targets: readonly string[],
  asked: readonly Asked[],
  splitColumn: string | undefined,
  defaults: FeatureDefaults,
): Chosen {
  const chosen: Chosen = { specs: [], warnings: [], faults: [] };
  const seen = new Set<string>();
  asked.forEach((feature, index) => {
    const options = typeof feature === "string" ? { name: feature } : feature;
    const pointer = `/dataset/features/${index}`;
    const fault =
      options.name === splitColumn
        ? splitAsFeature(splitColumn, pointer)
        : faultOf(columns, targets, seen, options, pointer);
    seen.add(options.name);
    if (fault !== undefined) return chosen.faults.push(fault);
    const type = featureType(columns, options);
    chosen.faults.push(
      ...optionFaults(options, type, pointer),
      ...augmentationFaults(options, type, pointer),
      ...cropFaults(columnNamed(columns, options.name), options, pointer),
    );
    return chosen.specs.push(specOf(columnNamed(columns, options.name), type, options, defaults));
  });
  const alone = chosen.specs.find((spec) => loneShape(spec, columnNamed(columns, spec.name)) !== undefined);
  if (alone !== undefined && chosen.specs.length > 1) {
    chosen.faults.push({
      pointer: "/dataset/features",
      code: `beside_${alone.type}`,
      detail: `The ${loneNames[alone.type] ?? alone.type} "${alone.name}" stands beside ${chosen.specs.length - 1} other features.`,
      hint: "It must be the only feature: the network takes its shape.",
    });
  }
  return chosen;
}

const loneNames: Partial<Record<FeatureType, string>> = { text: "token sequence", audio: "sound" };

/** The column of a name that is known to exist. */
function columnNamed(columns: readonly ColumnSchema[], name: string): ColumnSchema {
  return columns.find((column) => column.name === name)!;
}

/** The declared type, else the column's own. Only for features without fault. */
function featureType(columns: readonly ColumnSchema[], { name, type }: FeatureRequest): FeatureType {
  return type ?? columnNamed(columns, name).type;
}

/** An option that means nothing for the type of the feature would be lost without a word. */
function optionFaults(
  { name: feature, type: _declared, ...options }: FeatureRequest,
  type: FeatureType,
  pointer: string,
): Fault[] {
  return Object.keys(options).flatMap((name) => {
    const types = optionTypes[name as keyof FeatureOptions];
    if (options[name as keyof FeatureOptions] === undefined || types.includes(type)) return [];
    const known = Object.entries(optionTypes).filter(([, served]) => served.includes(type));
    return {
      pointer: `${pointer}/${name}`,
      code: "option_does_not_fit",
      detail: `"${name}" is for columns of type ${types.join(", ")}, but "${feature}" is ${withArticle(type)} column.`,
      hint:
        known.length === 0
          ? "Leave it out."
          : `Leave it out. A feature of type ${type} takes: ${known.map(([option]) => option).join(", ")}.`,
    };
  });
}

function cropFaults({ name, shape = [] }: ColumnSchema, { crop }: FeatureRequest, pointer: string): Fault[] {
  if (crop === undefined || shape.length !== 3 || (crop[0] <= shape[0] && crop[1] <= shape[1])) return [];
  return [
    {
      pointer: `${pointer}/crop`,
      code: "crop_too_large",
      detail: `The images of "${name}" are ${shape[0]}×${shape[1]}: no ${crop[0]}×${crop[1]} can be cut out.`,
      hint: 'Crop less, or use "size" to enlarge them.',
    },
  ];
}

function splitAsFeature(name: string, pointer: string): Fault {
  return {
    pointer,
    code: "split_as_feature",
    detail: `"${name}" says which rows train and which test.`,
    hint: 'Take it out of the features, or set "column" of the split to null.',
  };
}

function faultOf(
  columns: readonly ColumnSchema[],
  targets: readonly string[],
  seen: ReadonlySet<string>,
  { name, type: declared }: FeatureRequest,
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
  return undefined;
}
