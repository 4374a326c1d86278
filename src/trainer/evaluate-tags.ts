// A trained tagger on one part of the split.
import type { EvaluatedPart } from "../contract/evaluation.ts";
import type { TagTarget } from "../datasets/features/tag-target.ts";
import { evaluateLosses, type MetricOptions, predict } from "../engine/evaluate.ts";
import type { Network } from "../engine/network.ts";
import { predictedClass } from "../evaluation/class-shares.ts";
import { evaluateTags, tagFigures } from "../evaluation/tags.ts";
import type { PartEvaluation } from "./evaluate-part.ts";
import type { PreparedRows } from "./prepare-data.ts";

export function evaluateTagPart(
  network: Network,
  { classes: labels }: TagTarget,
  rows: PreparedRows,
  part: EvaluatedPart,
  options: MetricOptions,
): PartEvaluation {
  const { loss, losses } = evaluateLosses(network, rows, options);
  const tagged = { labels, ...tagsOf(network, rows), losses, tableRows: rows.tableRows };
  const common = { part, rows: rows.rows, loss: Number.isFinite(loss) ? loss : null };
  return {
    metrics: { loss, ...tagFigures(tagged) },
    report: () => ({ ...common, ...evaluateTags(tagged) }),
  };
}

/** Codes of the expected and of the predicted labels of each row, in the steps that are no padding. */
function tagsOf(network: Network, { inputs, targets, rows }: PreparedRows) {
  const { batchCapacity, input, output, objective } = network.plan;
  const [steps, classes] = [objective!.t.rowSize, output.shape[1]];
  const expected: Int32Array[] = [];
  const predicted: Int32Array[] = [];
  for (let start = 0; start < rows; start += batchCapacity) {
    const count = Math.min(batchCapacity, rows - start);
    const p = predict(network, inputs.subarray(start * input.rowSize, (start + count) * input.rowSize), count);
    for (let row = 0; row < count; row++) {
      const own = targets.subarray((start + row) * steps, (start + row + 1) * steps);
      const counting = Array.from(own.keys()).filter((step) => own[step] >= 0);
      const codeAt = (step: number) => predictedClass(p.subarray((row * steps + step) * classes).subarray(0, classes));
      expected.push(Int32Array.from(counting, (step) => own[step]));
      predicted.push(Int32Array.from(counting, codeAt));
    }
  }
  return { expected, predicted };
}
