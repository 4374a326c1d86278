// A trained encoder and decoder on one part of the split: its loss token by token, and the texts that it writes by itself,
// as the version will where a call does not say how.
import type { EvaluatedPart } from "../contract/evaluation.ts";
import type { DecodingOptions } from "../contract/text-target.ts";
import { type TextTarget, writableText } from "../datasets/features/text-target.ts";
import { evaluateLosses, type MetricOptions } from "../engine/evaluate.ts";
import type { Network } from "../engine/network.ts";
import type { NetworkSpec } from "../engine/plan.ts";
import { captureWeights, restoreWeights } from "../engine/training-state.ts";
import { evaluateTexts, textFigures } from "../evaluation/texts.ts";
import { createTextWriter } from "../models/text-writer.ts";
import type { PartEvaluation } from "./evaluate-part.ts";
import type { PreparedRows } from "./prepare-data.ts";

interface Writing {
  readonly spec: NetworkSpec;
  readonly target: TextTarget;
  readonly decoding: DecodingOptions;
}

/** Training rows are written only for a report on them: there are many, and what they say is known from the loss. */
export function evaluateTextPart(
  network: Network,
  { spec, target, decoding }: Writing,
  rows: PreparedRows,
  part: EvaluatedPart,
  options: MetricOptions,
): PartEvaluation {
  const { loss, metrics, losses } = evaluateLosses(network, rows, options);
  const tokenAccuracy = "accuracy" in metrics ? metrics.accuracy : 0;
  const { sources, expected } = rows.texts!;
  const write = () => {
    const { plan, kernels } = network;
    const writer = createTextWriter(spec, target, kernels);
    restoreWeights(writer.decoder, { precision: plan.precision, weights: captureWeights(network) });
    const written = writer.write(sources, rows.rows, decoding).map(({ text }) => text);
    return { written, expected, writable: expected.map((text) => writableText(target, text)) };
  };
  const texts = part === "train" ? undefined : write();
  const common = { part, rows: rows.rows, loss: Number.isFinite(loss) ? loss : null };
  return {
    metrics: { loss, token_accuracy: tokenAccuracy, ...(texts && textFigures(texts)) },
    report: () => ({
      ...common,
      ...evaluateTexts({ ...(texts ?? write()), tokenAccuracy, losses, tableRows: rows.tableRows }),
    }),
  };
}
