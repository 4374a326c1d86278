// Encoder and decoder with attention, for sequences of another length than their input. Cho et al., 2014; Sutskever,
// Vinyals & Le, 2014; attention: Bahdanau, Cho & Bengio, 2015, where Luong, Pham & Manning, 2015, have it.
// A row is [source tokens | decoder tokens], x (B,S+T): in training the decoder is given the tokens it should have
// written before (teacher forcing, Williams & Zipser, 1989).
// forward   M, e = encoder(E_source[x_1..S])             all states and the last one, of recurrent layers
//                  where bidirectional, of a stack from each end with half of the units, beside each other
//           h    = decoder(E_target[x_S+1..S+T]) from e  c = attention(h, M)
//           y    = tanh([h c]·W + b)                     W (2H,H)  b (H)  y (B,T,H); without attention y = h
// backward  the same backwards: what reaches the decoder's first state goes on as the gradient of the encoder's last
import { EngineError, shapeText } from "../engine-error.ts";
import type { Operation } from "../operations.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import { requireInteger, requireWithin } from "../requirements.ts";
import type { Tensor } from "../tensor.ts";
import { planAdditiveAttention } from "./additive-attention.ts";
import { planBidirectionalStack } from "./bidirectional-stack.ts";
import { planDotAttention } from "./dot-attention.ts";
import type { MemoryTokens, PlannedAttention } from "./dot-attention.ts";
import type { LayerDefinition, PlannedLayer, Scope, Signal, TrainedParameter } from "./layer.ts";
import { planStack } from "./recurrent-stack.ts";
import type { CellName, PlannedStack, StackState } from "./recurrent-stack.ts";

export interface EncoderDecoderSpec {
  readonly type: "encoder_decoder";
  /** Tokens there are in the source, and in what is written. */
  readonly source_vocabulary: number;
  readonly target_vocabulary: number;
  /** How many of a row's tokens are the source. */
  readonly source_length: number;
  /** Of the recurrent layers and the output. */
  readonly units: number;
  /** Numbers for each token; default `units`. */
  readonly embedding?: number | undefined;
  /** Default gru. */
  readonly cell?: CellName | undefined;
  /** Recurrent layers on top of each other, in the encoder and in the decoder; default 1. */
  readonly layers?: number | undefined;
  /** The encoder reads from both ends, with half of the units from each: every state then knows the whole source. Default
   * false. */
  readonly bidirectional?: boolean | undefined;
  /** Default dot. */
  readonly attention?: AttentionName | "none" | undefined;
  /** Share of what each recurrent layer reads that is dropped in training; default 0. */
  readonly dropout?: number | undefined;
  /** True: token 0 of the source fills up rows shorter than others, and attention does not see it. Default false. */
  readonly padded?: boolean | undefined;
}

const ATTENTIONS = { dot: planDotAttention, additive: planAdditiveAttention };
export type AttentionName = keyof typeof ATTENTIONS;

export const encoderDecoder: LayerDefinition<EncoderDecoderSpec> = {
  plan(spec, scope, x) {
    const [sourceLength, steps] = lengthsOf(spec, scope, x);
    const encoder = planEncoder(spec, scope, { indices: x.value, first: 0, steps: sourceLength });
    const target = { indices: x.value, first: sourceLength, steps };
    const decoder = planDecoder(spec, scope, target, encoder, { tokens: x.value, first: 0 });
    return {
      output: decoder.output,
      parameters: [...encoder.parameters, ...decoder.parameters],
      forward: [...encoder.forward, ...decoder.prepare, ...decoder.forward],
      inference: [...encoder.inference, ...decoder.prepare, ...decoder.inference],
      backward: [...decoder.backward, ...encoder.backward],
    };
  },
};

/** The tokens of a row from column `first` on. */
export interface TokenColumns {
  readonly indices: Tensor;
  readonly first: number;
  readonly steps: number;
}

/** What a decoder is given of an encoder: M, the states after each step, where attention reads them, and the last state. */
export interface Encoded {
  readonly y: Signal | null;
  readonly last: StackState;
}

export function planEncoder(spec: EncoderDecoderSpec, scope: Scope, columns: TokenColumns): PlannedStack {
  const source = planEmbedding(scope, "source", columns, [spec.source_vocabulary, spec.embedding ?? spec.units]);
  const sequence = spec.attention !== "none";
  const input = { scope, prefix: "encoder_", x: source.y, sequence };
  const stack =
    spec.bidirectional === true
      ? planBidirectionalStack(stackOf(spec), input)
      : planStack(stackOf(spec), { ...input, initial: null });
  return { ...stack, ...embedded(source, stack) };
}

export interface PlannedDecoder extends Omit<PlannedLayer, "inference">, Pick<PlannedStack, "last" | "inference"> {
  /** What depends on the source alone. */
  readonly prepare: readonly Operation[];
}

/** Leaves the gradient of the encoder's last state and of M behind; `last` is its own state after the last step. */
export function planDecoder(
  spec: EncoderDecoderSpec,
  scope: Scope,
  columns: TokenColumns,
  { y: M, last: initial }: Encoded,
  source: MemoryTokens,
): PlannedDecoder {
  const target = planEmbedding(scope, "target", columns, [spec.target_vocabulary, spec.embedding ?? spec.units]);
  const stack = planStack(stackOf(spec), { scope, prefix: "decoder_", x: target.y, sequence: true, initial });
  // Nothing but y depends on the last state.
  const unused = stack.last.flat().flatMap(({ gradient }) => gradient ?? []);
  const begun = { ...stack, backward: [{ kind: "clear", tensors: unused } as const, ...stack.backward] };
  const decoder = { ...begun, ...embedded(target, begun), output: stack.y!, prepare: [] };
  const { attention = "dot", padded = false } = spec;
  return M === null || attention === "none"
    ? decoder
    : withAttention(scope, decoder, ATTENTIONS[attention](scope, stack.y!, M, padded ? source : null));
}

/** y = tanh([h c]·W + b), c what attention finds for h. */
function withAttention(scope: Scope, decoder: PlannedDecoder, attention: PlannedAttention): PlannedDecoder {
  const [h, context] = [decoder.output, attention.output];
  const [steps, units] = h.value.shape;
  const joined = scope.signal([steps, 2 * units], true);
  const W = scope.parameter("weights", [2 * units, units], "glorot_uniform", 2 * units, units);
  const b = scope.parameter("bias", [units], "zeros", 2 * units, units);
  const z = scope.signal([steps, units], true);
  const y = scope.signal([steps, units], true);
  const [dz, djoined] = [z.gradient!, joined.gradient!];
  const combine: Operation[] = [
    ...attention.forward,
    { kind: "concatenate", parts: [h.value, context.value], y: joined.value },
    matrixMultiply(joined.value, W.value, z.value, b.value),
    { kind: "activate", function: "tanh", x: z.value, y: y.value },
  ];

  return {
    ...decoder,
    output: y,
    parameters: [...decoder.parameters, ...attention.parameters, W, b],
    prepare: attention.prepare,
    forward: [...decoder.forward, ...combine],
    inference: [...decoder.inference, ...combine],
    backward: [
      { kind: "activate_backward", function: "tanh", x: z.value, y: y.value, dy: y.gradient!, dx: dz },
      addTransposedTimes(joined.value, dz, W.gradient, b.gradient),
      timesTransposed(dz, W.value, djoined),
      { kind: "split", y: djoined, parts: [h.gradient!, context.gradient!] },
      ...attention.backward,
      ...decoder.backward,
    ],
  };
}

interface PlannedEmbedding {
  readonly E: TrainedParameter;
  readonly y: Signal;
  readonly lookup: Operation;
  readonly addGradient: Operation;
}

/** E (vocabulary,width), y (B,steps,width) */
function planEmbedding(
  scope: Scope,
  name: string,
  { indices, first, steps }: TokenColumns,
  [vocabulary, width]: readonly [number, number],
): PlannedEmbedding {
  // Of the inputs that E multiplies one is on. Counted as so many as there are tokens, states would hardly tell one from
  // another at the start, and attention finds its places later.
  const E = scope.parameter(`${name}_embedding`, [vocabulary, width], "glorot_uniform", 1, width);
  const y = scope.signal([steps, width], true);
  return {
    E,
    y,
    lookup: { kind: "embed", indices, first, E: E.value, y: y.value },
    addGradient: { kind: "embed_backward", indices, first, dy: y.gradient!, dE: E.gradient },
  };
}

/** A stack with the embedding that it reads. */
function embedded(
  { E, lookup, addGradient }: PlannedEmbedding,
  { parameters, forward, inference, backward }: Omit<PlannedStack, "y" | "last">,
): Pick<PlannedStack, "parameters" | "forward" | "inference" | "backward"> {
  return {
    parameters: [E, ...parameters],
    forward: [lookup, ...forward],
    inference: [lookup, ...inference],
    backward: [...backward, addGradient],
  };
}

function stackOf({ cell = "gru", layers = 1, units, dropout = 0 }: EncoderDecoderSpec) {
  return { cell, layers, units, dropout };
}

function lengthsOf(spec: EncoderDecoderSpec, { layerName, isFirst }: Scope, x: Signal): readonly [number, number] {
  const { source_vocabulary, target_vocabulary, source_length, units, embedding = units, layers = 1 } = spec;
  for (const [name, value] of Object.entries({
    source_vocabulary,
    target_vocabulary,
    source_length,
    units,
    embedding,
    layers,
  })) {
    requireInteger(layerName, name, value, 1);
  }
  requireWithin(layerName, "dropout", spec.dropout ?? 0, 0, 1);
  const { shape } = x.value;
  if (shape.length === 1 && shape[0] > source_length && isFirst) return [source_length, shape[0] - source_length];
  throw new EngineError("shape_mismatch", {
    op: "encoder_decoder",
    layer: layerName,
    expected: `the network's input, more than ${source_length} tokens for each row: the source, then those of the decoder`,
    got: isFirst ? shapeText(shape) : "the output of another layer",
  });
}
