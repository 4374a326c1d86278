// From the typed table to what the engine takes: rows split, encoders fitted on the training rows, all parts encoded.
import { headOf } from "../architectures/blueprint.ts";
import type { Head } from "../architectures/head.ts";
import { type ClassTarget, encodeClasses, fitClasses } from "../datasets/features/class-target.ts";
import { rowWeights } from "../datasets/features/class-weights.ts";
import { encodeRows, fitFeatures, type FittedFeatures } from "../datasets/features/encode.ts";
import type { Matrix } from "../datasets/features/encoder.ts";
import type { InputTarget } from "../datasets/features/input-target.ts";
import type { FeatureSpec } from "../datasets/features/feature-spec.ts";
import { encodeLabelSets, fitLabels, type LabelTarget, usualSeparator } from "../datasets/features/label-target.ts";
import { rowsWithTarget } from "../datasets/features/labelled-rows.ts";
import { encodeNumbers, fitNumbers, type NumberTarget } from "../datasets/features/number-target.ts";
import { encodeTags, fitTags, type TagTarget } from "../datasets/features/tag-target.ts";
import { encodeTexts, encodeTranscripts, fitText, type TextTarget } from "../datasets/features/text-target.ts";
import type { TokensState } from "../datasets/features/tokens.ts";
import { splitTable } from "../datasets/split-table.ts";
import { columnOf, type Table } from "../datasets/table.ts";
import type { TrainingData } from "../engine/data.ts";
import type { Elements } from "../engine/tensor.ts";
import { DomainError } from "../errors.ts";
import { prepareWindows } from "./prepare-windows.ts";
import type { TrainingInput } from "./thread-protocol.ts";

/** The encoded rows of a part of the split. */
export interface PreparedRows extends TrainingData {
  /** The row of the table (from 0) that each came from; of a window, the first one that is predicted. */
  readonly tableRows: Int32Array;
  /** Of a sequence task: what is read, without what the decoder is given, and what it should write. */
  readonly texts?: { readonly sources: Elements; readonly expected: readonly string[] };
}

export interface PreparedData {
  features: FittedFeatures;
  target: ClassTarget | InputTarget | LabelTarget | NumberTarget | TagTarget | TextTarget;
  head: Head;
  train: PreparedRows;
  /** Null when the split leaves no rows for it. */
  validation: PreparedRows | null;
  test: PreparedRows | null;
}

export type PrepareInput = Pick<TrainingInput, "request" | "columns" | "table" | "reading">;

/** @throws DomainError `invalid_dataset` when no row has a target or a value cannot be encoded */
export function prepareData(input: PrepareInput): PreparedData {
  const { request, reading } = input;
  const { window } = request.dataset;
  const prepared = window === undefined ? prepareRows(input) : prepareWindows(input, window);
  const { extra_fields, missing_fields } = request.model;
  const { missing, decimal } = reading;
  // What instances need beside the encoders to be understood as the rows were.
  const features = { ...prepared.features, reading: { missing, decimal }, policy: { extra_fields, missing_fields } };
  return { ...prepared, features };
}

function prepareRows({ request, columns, table }: PrepareInput): PreparedData {
  const { dataset, hyperparameters } = request;
  const { precision, seed } = hyperparameters;
  const names = [dataset.target ?? []].flat();
  const labelled = rowsWithTarget(table, names);
  if (labelled.length === 0) throw new DomainError("invalid_dataset", `No row has a value for ${names.join(", ")}.`);

  const classes = dataset.task === "classification" ? fitClasses(columnOf(table, names[0])) : undefined;
  const codes = classes === undefined ? undefined : encodeClasses(classes, columnOf(table, classes.name), labelled);
  const rows = splitTable({ ...dataset.split!, seed }, table, labelled, codes);

  const specs = dataset.features as FeatureSpec[];
  const others = columns.map((column) => column.name);
  const features = fitFeatures(table, specs, rows.train, others);
  const targets: Record<typeof dataset.task, () => PreparedData["target"]> = {
    multi_label: () => fitLabels(columnOf(table, names[0]), dataset.label_separator ?? usualSeparator),
    sequence: () => fitText(columnOf(table, names[0]), rows.train, dataset.target_tokens!),
    tagging: () => fitTags(columnOf(table, names[0])),
    classification: () => classes!,
    regression: () => fitNumbers(table, names, rows.train),
    reconstruction: () => ({ kind: "inputs", width: features.width }),
    auto: () => {
      throw new Error("the task is resolved when a job is submitted");
    },
  };
  const target = targets[dataset.task]();
  const head = headOf(request.architecture, hyperparameters, { kind: taskOf[target.kind], ...outputsOf(target) });
  if (target.kind === "labels") checkOutputs(target, head);
  const { class_weight } = hyperparameters;
  const weightsOf = (part: Int32Array): Pick<TrainingData, "weights"> => {
    if (class_weight === undefined || classes === undefined) return {};
    const partCodes = encodeClasses(classes, columnOf(table, classes.name), part);
    return { weights: rowWeights(class_weight, classes.classes, partCodes, precision) };
  };
  const encode = (part: Int32Array): PreparedRows | null =>
    part.length === 0
      ? null
      : {
          ...encodePart(features, target, head, table, part, precision),
          rows: part.length,
          tableRows: part,
        };
  return {
    features,
    target,
    head,
    train: { ...encode(rows.train)!, ...weightsOf(rows.train) },
    validation: encode(rows.validation),
    test: encode(rows.test),
  };
}

/** Kind of target → task of the version. */
export const taskOf = {
  class: "classification",
  labels: "multi_label",
  number: "regression",
  inputs: "reconstruction",
  tags: "tagging",
  text: "sequence",
} as const;

function outputsOf(target: PreparedData["target"]): { outputs: number; steps?: number } {
  if (target.kind === "number") return { outputs: target.names.length };
  if (target.kind === "inputs") return { outputs: target.width };
  if (target.kind === "text") return { outputs: target.tokens.tokens.length, steps: target.tokens.length };
  return { outputs: target.classes.length };
}

/** Inputs and targets of a part, as network and loss want them. */
function encodePart(
  features: FittedFeatures,
  target: PreparedData["target"],
  head: Head,
  table: Table,
  rows: Int32Array,
  precision: "float32" | "float64",
): Omit<PreparedRows, "rows" | "tableRows"> {
  const inputs = encodeRows(features, table, rows, precision);
  if (target.kind === "number") return { inputs, targets: encodeNumbers(target, table, rows, precision) };
  // The same numbers, not a copy: what augmentation does to a row is done in the network.
  if (target.kind === "inputs") return { inputs, targets: inputs };
  const column = columnOf(table, target.name);
  if (target.kind === "labels") return { inputs, targets: encodeLabelSets(target, column, rows, precision) };
  if (target.kind === "class") return { inputs, targets: encodeLabels(target, head, table, rows, precision) };
  if (target.kind === "tags") {
    const state = features.encoders[0] as TokensState;
    const columns = { tags: column, tokens: columnOf(table, state.name) };
    return { inputs, targets: encodeTags(target, columns, state, rows, precision) };
  }
  if (head.loss === "ctc") {
    const { asked, texts } = encodeTranscripts(target, column, rows, precision);
    return { inputs, targets: asked, texts: { sources: inputs, expected: texts } };
  }
  const { given, asked, texts } = encodeTexts(target, column, rows, precision);
  const joined = besideEachOther(inputs, given, rows.length);
  return { inputs: joined, targets: asked, texts: { sources: inputs, expected: texts } };
}

/** [a b] in each row */
function besideEachOther(a: Matrix, b: Matrix, rows: number): Matrix {
  const [left, right] = [a.length / rows, b.length / rows];
  const both =
    a instanceof Float32Array ? new Float32Array(a.length + b.length) : new Float64Array(a.length + b.length);
  for (let row = 0; row < rows; row++) {
    both.set(a.subarray(row * left, (row + 1) * left), row * (left + right));
    both.set(b.subarray(row * right, (row + 1) * right), row * (left + right) + left);
  }
  return both;
}

/** How many labels there are is only known once the rows are read. */
function checkOutputs({ name, classes }: LabelTarget, { units }: Head): void {
  if (classes.length === 0) throw new DomainError("invalid_dataset", `No cell of "${name}" holds a label.`);
  if (units === classes.length) return;
  throw new DomainError(
    "invalid_dataset",
    `The network has ${units} outputs, but "${name}" has ${classes.length} labels.`,
    {
      hint: `Set the units of the last layer to ${classes.length}.`,
    },
  );
}

/** Class codes in the layout the loss wants (architectures/head.ts). */
function encodeLabels(
  target: ClassTarget,
  head: Head,
  table: Table,
  rows: Int32Array,
  precision: "float32" | "float64",
) {
  const codes = encodeClasses(target, columnOf(table, target.name), rows);
  const width = head.targets === "one_hot" ? target.classes.length : 1;
  const matrix =
    precision === "float32" ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width);
  codes.forEach((code, row) => {
    if (head.targets === "one_hot") matrix[row * width + code] = 1;
    else matrix[row] = code;
  });
  return matrix;
}
