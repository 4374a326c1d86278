// A trained network on one part of the split: the figures of the job's result, and the report that is kept with the version.
import type { EvaluatedPart, EvaluationReport } from "../contract/evaluation.ts";
import type { DecodingOptions } from "../contract/text-target.ts";
import type { ClassTarget } from "../datasets/features/class-target.ts";
import { type FeaturePlace, placesOf } from "../datasets/features/decode.ts";
import type { LabelTarget } from "../datasets/features/label-target.ts";
import { decodeNumber, type NumberTarget } from "../datasets/features/number-target.ts";
import { evaluateRows, type MetricOptions, type RowResults } from "../engine/evaluate.ts";
import type { Network } from "../engine/network.ts";
import type { NetworkSpec } from "../engine/plan.ts";
import type { Elements } from "../engine/tensor.ts";
import { classShares, knownShares, predictedClass } from "../evaluation/class-shares.ts";
import { type ClassifiedRows, evaluateClassification } from "../evaluation/classification.ts";
import { countClasses, macroF1 } from "../evaluation/counts.ts";
import { countLabels, evaluateMultiLabel, type LabelledRows } from "../evaluation/multi-label.ts";
import { errorsOfRows, evaluateReconstruction, meanOf } from "../evaluation/reconstruction.ts";
import { evaluateRegression, type PredictedNumbers, rootMeanSquaredError } from "../evaluation/regression.ts";
import { evaluateTagPart } from "./evaluate-tags.ts";
import { evaluateTextPart } from "./evaluate-texts.ts";
import type { PreparedData, PreparedRows } from "./prepare-data.ts";

export interface PartEvaluation {
  /** Loss and metrics of the part, by name. */
  readonly metrics: Record<string, number | null>;
  /** Everything there is to say: some sorts of all rows, so only made for the part that is kept. */
  readonly report: () => EvaluationReport;
}

export function evaluatePart(
  network: Network,
  { spec, decoding }: { readonly spec: NetworkSpec; readonly decoding: DecodingOptions },
  data: PreparedData,
  part: EvaluatedPart,
  options: MetricOptions,
): PartEvaluation {
  const rows = data[part]!;
  if (data.target.kind === "text") {
    return evaluateTextPart(network, { spec, head: data.head, target: data.target, decoding }, rows, part, options);
  }
  if (data.target.kind === "tags") return evaluateTagPart(network, data.target, rows, part, options);
  const { loss, metrics, ...results } = evaluateRows(network, rows, options);
  const { figures, report } = tasks(network, rows, results, placesOf(data.features))[data.target.kind](
    data.target as never,
  );
  const common = { part, rows: rows.rows, loss: Number.isFinite(loss) ? loss : null };
  return { metrics: { loss, ...metrics, ...figures }, report: () => ({ ...common, ...report() }) };
}

/** What is computed for each kind of target: the cheap figures at once, the report when it is asked for. */
function tasks(network: Network, rows: PreparedRows, results: RowResults, features: readonly FeaturePlace[]) {
  return {
    class: (target: ClassTarget) => {
      const codes = classCodesOf(network, rows, results);
      const counts = countClasses(codes.expected, codes.predicted, target.classes.length);
      return {
        figures: { macro_f1: macroF1(counts) },
        report: () => evaluateClassification(classifiedRows(network, rows, results, codes, target)),
      };
    },
    labels: ({ classes: labels }: LabelTarget) => {
      const { outputs, losses } = results;
      const shares = outputs.map((output) => (Number.isFinite(output) ? output : 0.5));
      const labelled: LabelledRows = { labels, expected: rows.targets, shares, losses, tableRows: rows.tableRows };
      return { figures: { macro_f1: macroF1(countLabels(labelled)) }, report: () => evaluateMultiLabel(labelled) };
    },
    inputs: () => {
      const { targets: expected, tableRows } = rows;
      const reconstructed = { features, expected, predicted: results.outputs, losses: results.losses, tableRows };
      return {
        figures: { reconstruction_error: meanOf(errorsOfRows(reconstructed)) },
        report: () => evaluateReconstruction(reconstructed),
      };
    },
    number: (target: NumberTarget) => {
      const numbers = predictedNumbers(rows, results, target);
      return { figures: { rmse: rootMeanSquaredError(numbers) }, report: () => evaluateRegression(numbers) };
    },
  };
}

type ClassCodes = Pick<ClassifiedRows, "expected" | "predicted">;

function classCodesOf({ plan }: Network, { targets, rows }: PreparedRows, { outputs }: RowResults): ClassCodes {
  const width = plan.output.rowSize;
  const predicted = Int32Array.from({ length: rows }, (_, row) =>
    predictedClass(outputs.subarray(row * width, (row + 1) * width)),
  );
  return { expected: classCodes(targets, rows), predicted };
}

/** With the probabilities, which take twice the memory of the outputs: of one part only. */
function classifiedRows(
  { plan }: Network,
  { rows, tableRows }: PreparedRows,
  { outputs, losses }: RowResults,
  codes: ClassCodes,
  { classes }: ClassTarget,
): ClassifiedRows {
  const width = plan.output.rowSize;
  const shares = new Float64Array(rows * classes.length);
  for (let row = 0; row < rows; row++) {
    const own = outputs.subarray(row * width, (row + 1) * width);
    shares.set(knownShares(classShares(own, plan.outputActivation)), row * classes.length);
  }
  return { classes, ...codes, shares, losses, tableRows };
}

/** Targets as the loss wants them (architectures/head.ts), one number or one column per class, as class codes. */
function classCodes(targets: Elements, rows: number): Int32Array {
  const width = targets.length / rows;
  if (width === 1) return Int32Array.from(targets);
  return Int32Array.from({ length: rows }, (_, row) =>
    predictedClass(targets.subarray(row * width, (row + 1) * width)),
  );
}

function predictedNumbers(
  { targets, tableRows }: PreparedRows,
  { outputs, losses }: RowResults,
  target: NumberTarget,
): PredictedNumbers {
  const { names } = target;
  const decoded = (values: Elements) =>
    Float64Array.from(values, (value, index) => decodeNumber(target, index % names.length, value));
  return { names, expected: decoded(targets), predicted: decoded(outputs), losses, tableRows };
}
