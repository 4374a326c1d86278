// A trained network that writes texts on one part of the split: its loss, and the texts that it writes by itself, as the
// version will where a call does not say how.
import type { Head } from "../architectures/head.ts";
import type { EvaluatedPart } from "../contract/evaluation.ts";
import type { DecodingOptions } from "../contract/text-target.ts";
import { type TextTarget, writableText } from "../datasets/features/text-target.ts";
import { evaluateLosses, type MetricOptions } from "../engine/evaluate.ts";
import type { Network } from "../engine/network.ts";
import type { NetworkSpec } from "../engine/plan.ts";
import { captureWeights, restoreWeights } from "../engine/training-state.ts";
import { evaluateTexts, textFigures } from "../evaluation/texts.ts";
import { createTextWriter, createTranscriber, type WriteTexts } from "../models/text-writer.ts";
import type { PartEvaluation } from "./evaluate-part.ts";
import type { PreparedRows } from "./prepare-data.ts";

interface Writing {
  readonly spec: NetworkSpec;
  readonly head: Head;
  readonly target: TextTarget;
  readonly decoding: DecodingOptions;
}

/** Training rows are written only for a report on them: there are many, and what they say is known from the loss. */
export function evaluateTextPart(
  network: Network,
  writing: Writing,
  rows: PreparedRows,
  part: EvaluatedPart,
  options: MetricOptions,
): PartEvaluation {
  const { loss, metrics, losses } = evaluateLosses(network, rows, options);
  const { head, target, decoding } = writing;
  // Where labels have no steps of their own there are no single tokens to be right.
  const tokens = head.loss === "ctc" || !("accuracy" in metrics) ? {} : { token_accuracy: metrics.accuracy };
  const { sources, expected } = rows.texts!;
  const write = () => {
    const written = writerOf(network, writing)(sources, rows.rows, decoding).map(({ text }) => text);
    return { written, expected, writable: expected.map((text) => writableText(target, text)) };
  };
  const texts = part === "train" ? undefined : write();
  const common = { part, rows: rows.rows, loss: Number.isFinite(loss) ? loss : null };
  return {
    metrics: { loss, ...tokens, ...(texts && textFigures(texts)) },
    report: () => ({
      ...common,
      ...evaluateTexts({ ...(texts ?? write()), tokens, losses, tableRows: rows.tableRows }),
    }),
  };
}

function writerOf(network: Network, { spec, head, target }: Writing): WriteTexts {
  if (head.loss === "ctc") return createTranscriber(network, target);
  const { plan, kernels } = network;
  const { decoder, write } = createTextWriter(spec, target, kernels);
  restoreWeights(decoder, { precision: plan.precision, weights: captureWeights(network) });
  return write;
}
