// Encoder and decoder with attention, for sequences of another length than their input. Cho et al., 2014; Sutskever,
// Vinyals & Le, 2014; attention: Bahdanau, Cho & Bengio, 2015, in the form of Luong, Pham & Manning, 2015.
// A row is [source tokens | decoder tokens], x (B,S+T): in training the decoder is given the tokens it should have
// written before (teacher forcing, Williams & Zipser, 1989).
// forward   M, e = GRU(E_source[x_1..S])             all states and the last one of the encoder
//           h    = GRU(E_target[x_S+1..S+T]) from e  c = attention(h, M)
//           y    = tanh([h c]·W + b)                 W (2H,H)  b (H)  y (B,T,H)
// backward  the same backwards: what reaches the decoder's first state goes on as the gradient of the encoder's last
import { EngineError, shapeText } from "../engine-error.ts";
import type { Operation } from "../operations.ts";
import { addRow, sumRows } from "../operations/elements.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../operations/products.ts";
import { requireInteger } from "../requirements.ts";
import type { Tensor } from "../tensor.ts";
import { planDotAttention } from "./dot-attention.ts";
import { planGru } from "./gru.ts";
import type { LayerDefinition, Scope, Signal, TrainedParameter } from "./layer.ts";

export interface EncoderDecoderSpec {
  readonly type: "encoder_decoder";
  /** Tokens there are in the source, and in what is written. */
  readonly source_vocabulary: number;
  readonly target_vocabulary: number;
  /** How many of a row's tokens are the source. */
  readonly source_length: number;
  /** Of the embeddings, the recurrent layers and the output. */
  readonly units: number;
}

export const encoderDecoder: LayerDefinition<EncoderDecoderSpec> = {
  plan(spec, scope, x) {
    const { units } = spec;
    const [sourceLength, steps] = lengthsOf(spec, scope, x);
    const source = planEmbedding(scope, "source", x.value, 0, [spec.source_vocabulary, sourceLength, units]);
    const target = planEmbedding(scope, "target", x.value, sourceLength, [spec.target_vocabulary, steps, units]);
    const encoder = planGru({ scope, prefix: "encoder_", x: source.y, units, sequence: true, initial: null });
    const start = encoder.last;
    const decoder = planGru({ scope, prefix: "decoder_", x: target.y, units, sequence: true, initial: start });
    const h = decoder.y!;
    const attention = planDotAttention(scope, h, encoder.y!);
    const context = attention.output;

    const joined = scope.signal([steps, 2 * units], true);
    const W = scope.parameter("weights", [2 * units, units], "glorot_uniform", 2 * units, units);
    const b = scope.parameter("bias", [units], "zeros", 2 * units, units);
    const z = scope.signal([steps, units], true);
    const y = scope.signal([steps, units], true);
    const [dz, djoined] = [z.gradient!, joined.gradient!];

    return {
      output: y,
      parameters: [source.E, target.E, ...encoder.parameters, ...decoder.parameters, W, b],
      forward: [
        source.lookup,
        target.lookup,
        ...encoder.forward,
        ...decoder.forward,
        ...attention.forward,
        { kind: "concatenate", parts: [h.value, context.value], y: joined.value },
        matrixMultiply(joined.value, W.value, z.value),
        addRow(b.value, z.value),
        { kind: "activate", function: "tanh", x: z.value, y: y.value },
      ],
      backward: [
        { kind: "activate_backward", function: "tanh", x: z.value, y: y.value, dy: y.gradient!, dx: dz },
        addTransposedTimes(joined.value, dz, W.gradient),
        sumRows(dz, b.gradient),
        timesTransposed(dz, W.value, djoined),
        { kind: "split", y: djoined, parts: [h.gradient!, context.gradient!] },
        ...attention.backward,
        { kind: "clear", tensors: [decoder.last.gradient!] },
        ...decoder.backward,
        ...encoder.backward,
        target.addGradient,
        source.addGradient,
      ],
    };
  },
};

interface PlannedEmbedding {
  readonly E: TrainedParameter;
  readonly y: Signal;
  readonly lookup: Operation;
  readonly addGradient: Operation;
}

/** Embeds the tokens of a row from column `first` on. */
function planEmbedding(
  scope: Scope,
  name: string,
  indices: Tensor,
  first: number,
  [vocabulary, steps, units]: readonly [number, number, number],
): PlannedEmbedding {
  const E = scope.parameter(`${name}_embedding`, [vocabulary, units], "glorot_uniform", vocabulary, units);
  const y = scope.signal([steps, units], true);
  return {
    E,
    y,
    lookup: { kind: "embed", indices, first, E: E.value, y: y.value },
    addGradient: { kind: "embed_backward", indices, first, dy: y.gradient!, dE: E.gradient },
  };
}

function lengthsOf(spec: EncoderDecoderSpec, { layerName, isFirst }: Scope, x: Signal): readonly [number, number] {
  const { source_vocabulary, target_vocabulary, source_length: sourceLength, units } = spec;
  requireInteger(layerName, "source_vocabulary", source_vocabulary, 1);
  requireInteger(layerName, "target_vocabulary", target_vocabulary, 1);
  requireInteger(layerName, "source_length", sourceLength, 1);
  requireInteger(layerName, "units", units, 1);
  const { shape } = x.value;
  if (shape.length === 1 && shape[0] > sourceLength && isFirst) return [sourceLength, shape[0] - sourceLength];
  throw new EngineError("shape_mismatch", {
    op: "encoder_decoder",
    layer: layerName,
    expected: `the network's input, more than ${sourceLength} tokens for each row: the source, then those of the decoder`,
    got: isFirst ? shapeText(shape) : "the output of another layer",
  });
}
