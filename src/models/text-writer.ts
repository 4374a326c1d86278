// Writes texts with the network of a sequence task: sources encoded once, then token by token, by beam search.
import type { DecodingOptions } from "../contract/text-target.ts";
import type { TextTarget } from "../datasets/features/text-target.ts";
import { writtenText } from "../datasets/features/text-target.ts";
import { specialTokens } from "../datasets/features/tokens.ts";
import { search } from "../engine/decoding/beam-search.ts";
import { type Decoder, instantiateDecoder, planDecoding } from "../engine/decoding/decoding-plan.ts";
import type { Kernels } from "../engine/kernels/kernels.ts";
import type { NetworkSpec } from "../engine/plan.ts";
import type { Elements } from "../engine/tensor.ts";

export interface TextWriter {
  /** Its parameters are zero until `restoreWeights` fills them. */
  readonly decoder: Decoder;
  /** One text for each of `rows` sources (rows, source length). */
  write(sources: Elements, rows: number, options: DecodingOptions): { text: string; score: number }[];
}

/** The options of a call, where it says nothing those of the version, else greedy decoding and the mean of a token. */
export function resolveDecoding(call: DecodingOptions, version: DecodingOptions = {}) {
  return {
    beam_width: call.beam_width ?? version.beam_width ?? 1,
    length_penalty: call.length_penalty ?? version.length_penalty ?? 1,
  };
}

export function createTextWriter(network: NetworkSpec, target: TextTarget, kernels: Kernels): TextWriter {
  const decoder = instantiateDecoder(planDecoding(network, { precision: kernels.precision }), kernels);
  const { padding, unknown, start, end } = specialTokens;
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
