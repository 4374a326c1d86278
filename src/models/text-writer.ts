// Writes texts with the network of a sequence task. An encoder and decoder: sources encoded once, then token by token, by beam
// search. A network with a token or none in each step of a sound: by what it hears in all of them.
import type { DecodingOptions } from "../contract/text-target.ts";
import type { TextTarget } from "../datasets/features/text-target.ts";
import { writtenText } from "../datasets/features/text-target.ts";
import { specialTokens } from "../datasets/features/tokens.ts";
import { search } from "../engine/decoding/beam-search.ts";
import { type Decoder, instantiateDecoder, planDecoding } from "../engine/decoding/decoding-plan.ts";
import { transcribe } from "../engine/decoding/transcribe.ts";
import { predict } from "../engine/evaluate.ts";
import type { Kernels } from "../engine/kernels/kernels.ts";
import type { Network } from "../engine/network.ts";
import type { NetworkSpec } from "../engine/plan.ts";
import type { Elements } from "../engine/tensor.ts";

/** One text for each of `rows` sources (rows, source length). */
export type WriteTexts = (
  sources: Elements,
  rows: number,
  options: DecodingOptions,
) => { text: string; score: number }[];

const { padding, unknown, start, end } = specialTokens;

/** The options of a call, where it says nothing those of the version, else greedy decoding and the mean of a token. */
export function resolveDecoding(call: DecodingOptions, version: DecodingOptions = {}) {
  return {
    beam_width: call.beam_width ?? version.beam_width ?? 1,
    length_penalty: call.length_penalty ?? version.length_penalty ?? 1,
  };
}

/** The decoder's parameters are zero until `restoreWeights` fills them. */
export function createTextWriter(
  network: NetworkSpec,
  target: TextTarget,
  kernels: Kernels,
): { decoder: Decoder; write: WriteTexts } {
  const decoder = instantiateDecoder(planDecoding(network, { precision: kernels.precision }), kernels);
  return {
    decoder,
    write(sources, rows, options) {
      const { beam_width, length_penalty } = resolveDecoding(options);
      const found = search(decoder, sources, rows, {
        beamWidth: beam_width,
        lengthPenalty: length_penalty,
        maxLength: target.tokens.length,
        start,
        end,
        never: [padding, unknown, start],
      });
      return found.map(({ tokens, score }) => ({ text: writtenText(target, tokens), score }));
    },
  };
}

/** Of a network that was trained with ctc, the padding token being its blank; the score is the log-probability. */
export function createTranscriber(network: Network, target: TextTarget): WriteTexts {
  const { batchCapacity, input, output } = network.plan;
  const classes = output.shape[1];
  return (sources, rows, options) => {
    const { beam_width: beamWidth } = resolveDecoding(options);
    const never = [unknown, start, end];
    const texts: { text: string; score: number }[] = [];
    for (let first = 0; first < rows; first += batchCapacity) {
      const count = Math.min(batchCapacity, rows - first);
      const some = sources.subarray(first * input.rowSize, (first + count) * input.rowSize);
      const p = predict(network, some, count);
      for (let row = 0; row < count; row++) {
        const own = p.subarray(row * output.rowSize, (row + 1) * output.rowSize);
        const found = transcribe(own, classes, { beamWidth, maxLength: target.tokens.length, never });
        texts.push({ text: writtenText(target, found.labels), score: found.logProbability });
      }
    }
    return texts;
  };
}
