// A network that begins with an encoder and a decoder, planned to write: the encoder once, then the decoder token by token.
// Both lists work on the same parameters, which have the names, shapes and order of the network that was trained.
// encode   source (B,S) → M (B,S,H), state (B,H) of each recurrent layer
// step     token (B,1), state, M → p (B,1,V), state after the token
import { EngineError } from "../engine-error.ts";
import type { Call, Kernels, Step } from "../kernels/kernels.ts";
import { expandLayers } from "../layers/catalogue.ts";
import { planDecoder, planEncoder } from "../layers/encoder-decoder.ts";
import type { Parameter, Signal } from "../layers/layer.ts";
import { planSequence } from "../layers/sequence.ts";
import { allocateMemory, memoryBytes } from "../memory.ts";
import type { Layout, Memory } from "../memory.ts";
import { tensorsOf } from "../operations.ts";
import type { Operation } from "../operations.ts";
import { copy } from "../operations/elements.ts";
import { matchOutput, predictionOf } from "../output.ts";
import type { NetworkSpec } from "../plan.ts";
import { planLayout } from "../plan-layout.ts";
import { createScopes } from "../scope.ts";
import { rowTensor } from "../tensor.ts";
import type { Elements, Precision, Tensor } from "../tensor.ts";

export interface DecodingPlan {
  readonly precision: Precision;
  /** Rows that are written at once. */
  readonly capacity: number;
  readonly parameters: readonly Parameter[];
  /** (B,S) */
  readonly source: Tensor;
  /** (B,1): the token before. */
  readonly token: Tensor;
  /** (B,H) each. */
  readonly state: readonly Tensor[];
  /** (B,1,V) */
  readonly probabilities: Tensor;
  readonly encode: readonly Operation[];
  readonly step: readonly Operation[];
  readonly layout: Layout;
}

/** Rows written at once: as many sources as there are beams of the width asked for among them. */
const USUAL_CAPACITY = 64;

/** Plans a trained network of `encoder_decoder`, any layers of each step, and a softmax. Throws `invalid_combination`. */
export function planDecoding(
  { layers }: NetworkSpec,
  { capacity = USUAL_CAPACITY, precision }: { readonly capacity?: number; readonly precision: Precision },
): DecodingPlan {
  const [first] = layers;
  if (first?.type !== "encoder_decoder") throw notSequences(first?.type ?? "no layer");
  const { body, fused } = matchOutput(expandLayers(layers), "cross_entropy");
  const scopeOf = createScopes(layers.length, capacity);
  const scope = scopeOf(first, 0);
  const source = rowTensor("source", [first.source_length], capacity);
  const encoder = planEncoder(first, scope, { indices: source, first: 0, steps: first.source_length });

  const token = rowTensor("token", [1], capacity);
  const ends = encoder.last.map((parts) => parts.map(({ value }) => value));
  // Where the states stand from one call to the next.
  const states = ends.map((parts) =>
    parts.map((end): Signal => ({ value: rowTensor(`${end.name} kept`, end.shape, capacity), gradient: null })),
  );
  const decoder = planDecoder(
    first,
    scope,
    { indices: token, first: 0, steps: 1 },
    { y: encoder.y, last: states },
    { tokens: source, first: 0 },
  );
  const rest = planSequence(
    body.slice(1).map(({ spec }) => spec),
    (spec, index) => scopeOf(spec, body[index + 1].index),
    decoder.output,
  );
  const z = rest.output.value;
  const probabilities = rowTensor("prediction", z.shape, capacity);

  const keep = (from: readonly (readonly Tensor[])[]): Operation[] =>
    from.flatMap((parts, layer) => parts.map((end, part) => copy(end, states[layer][part].value)));
  const encode = [...encoder.inference, ...decoder.prepare, ...keep(ends)];
  const after = decoder.last.map((parts) => parts.map(({ value }) => value));
  const step = [...decoder.inference, ...rest.inference!, predictionOf(fused!, z, probabilities), ...keep(after)];
  const parameters = [...encoder.parameters, ...decoder.parameters, ...rest.parameters];
  const state = states.flat().map(({ value }) => value);
  const layout = planLayout(
    {
      common: parameters.map(({ value }) => value),
      batch: [source, token, probabilities],
      kept: [...state, ...sharedBy(encode, step)],
      lists: [encode, step],
    },
    precision,
    1,
  );
  return { precision, capacity, parameters, source, token, state, probabilities, encode, step, layout };
}

/** What one list leaves for the other: tensors with a batch dimension that both touch. */
function sharedBy(first: readonly Operation[], second: readonly Operation[]): Tensor[] {
  const touched = new Set(first.flatMap(tensorsOf).map(({ storage }) => storage));
  return second.flatMap(tensorsOf).filter(({ storage, perRow }) => perRow && touched.has(storage));
}

/** A decoding plan with memory and kernels; parameters are zero until `restoreWeights` fills them. */
export interface Decoder {
  readonly plan: DecodingPlan;
  readonly memory: Memory;
  readonly source: Elements;
  readonly token: Elements;
  readonly state: readonly Elements[];
  readonly probabilities: Elements;
  /** The first `rows` rows of `source` → `state`, and what attention reads. */
  encode(rows: number): void;
  /** The first `rows` rows of `token` and `state` → `probabilities` of the next token, and the `state` after this one. */
  step(rows: number): void;
}

export function instantiateDecoder(plan: DecodingPlan, kernels: Kernels): Decoder {
  const memory = allocateMemory(plan.layout, kernels, [plan.encode, plan.step]);
  const step: Step = { rows: 0, batchRows: 0, firstRow: 0, learningRate: 0, number: 0, seed: 0 };
  const runner = (operations: readonly Operation[]): ((rows: number) => void) => {
    const call: Call = kernels.bind(operations, memory);
    return (rows) => {
      step.rows = rows;
      step.batchRows = rows;
      call(step);
    };
  };
  return {
    plan,
    memory,
    source: memory.view(plan.source),
    token: memory.view(plan.token),
    state: plan.state.map((tensor) => memory.view(tensor)),
    probabilities: memory.view(plan.probabilities),
    encode: runner(plan.encode),
    step: runner(plan.step),
  };
}

/** Bytes that `instantiateDecoder` allocates. */
export function decoderBytes(plan: DecodingPlan, kernels: Kernels): number {
  return memoryBytes(plan.layout, kernels, [plan.encode, plan.step]);
}

function notSequences(got: string): EngineError {
  return new EngineError("invalid_combination", {
    op: "decoding",
    expected: "a network that begins with encoder_decoder",
    got,
  });
}
