// Writing token by token: the same bits as the whole sequence at once, and the search for the likeliest text.
import { describe, expect, it } from "vitest";
import { search } from "../../src/engine/decoding/beam-search.ts";
import type { SearchOptions } from "../../src/engine/decoding/beam-search.ts";
import { instantiateDecoder, planDecoding } from "../../src/engine/decoding/decoding-plan.ts";
import type { Decoder } from "../../src/engine/decoding/decoding-plan.ts";
import { predict } from "../../src/engine/evaluate.ts";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import { createKernels } from "../../src/engine/kernels/tiers.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { EncoderDecoderSpec } from "../../src/engine/layers/encoder-decoder.ts";
import { train } from "../../src/engine/train.ts";
import { captureWeights, restoreWeights } from "../../src/engine/training-state.ts";
import type { Network } from "../../src/engine/network.ts";
import { build } from "./construction.ts";

const TILE = { rows: 4, columns: 8 };
const [START, END, VOCABULARY] = [1, 2, 7];
const [SOURCE, STEPS] = [5, 4];

const layersOf = (more: Partial<EncoderDecoderSpec>): LayerSpec[] => [
  {
    type: "encoder_decoder",
    source_vocabulary: VOCABULARY,
    target_vocabulary: VOCABULARY,
    source_length: SOURCE,
    units: 12,
    padded: true,
    dropout: 0.1,
    ...more,
  },
  { type: "dropout", rate: 0.1 },
  { type: "dense", units: VOCABULARY },
];

function decoderOf({ plan, kernels, ...network }: Network, layers: LayerSpec[], capacity: number): Decoder {
  const spec = { input_shape: [SOURCE + STEPS], layers };
  const decoder = instantiateDecoder(planDecoding(spec, { capacity, precision: plan.precision }), kernels);
  restoreWeights(decoder, { precision: plan.precision, weights: captureWeights({ plan, kernels, ...network }) });
  return decoder;
}

describe("a decoder that is given one token after another", () => {
  const specs: [string, Partial<EncoderDecoderSpec>][] = [
    ["a GRU with attention", {}],
    ["two LSTM layers with attention", { cell: "lstm", layers: 2, embedding: 6 }],
    ["two GRU layers without attention", { layers: 2, attention: "none" }],
    ["a GRU with additive attention", { attention: "additive" }],
    ["two LSTM layers from each end with attention", { cell: "lstm", layers: 2, bidirectional: true }],
    ["a GRU from each end without attention", { bidirectional: true, attention: "none" }],
  ];
  const kernels = [
    createReferenceKernels("float32"),
    createKernels({ name: "simd128", tile: TILE, separateTile: TILE }, "float32"),
  ];
  it.each(specs)("has the bits of the whole sequence: %s", (_name, more) => {
    for (const one of kernels) {
      const layers = layersOf(more);
      const network = build({ input: [SOURCE + STEPS], layers, loss: "cross_entropy", kernels: one, capacity: 3 });
      const rows = Float32Array.of(0, 0, 4, 5, 6, START, 6, 3, 4, 3, 4, 5, 3, 6, START, 5, 4, 3);
      const whole = predict(network, rows, 2);
      const decoder = decoderOf(network, layers, 5);
      [0, 1].forEach((row) => decoder.source.set(rows.subarray(9 * row, 9 * row + SOURCE), SOURCE * row));
      decoder.encode(2);
      for (let step = 0; step < STEPS; step++) {
        decoder.token.set([0, 1].map((row) => rows[9 * row + SOURCE + step]));
        decoder.step(2);
        const wanted = [0, 1].flatMap((row) => [
          ...whole.subarray((row * STEPS + step) * VOCABULARY, (row * STEPS + step + 1) * VOCABULARY),
        ]);
        expect([...decoder.probabilities.subarray(0, 2 * VOCABULARY)]).toEqual(wanted);
      }
    }
  });
});

describe("a network that learnt to write one to three tokens backwards", () => {
  const sources = [3, 4, 5, 6].flatMap((a) => [
    [a],
    ...[3, 4, 5, 6].flatMap((b) => [
      [a, b],
      [a, b, a],
      [b, a, a],
    ]),
  ]);
  const layers = layersOf({ units: 24, dropout: 0 });
  const front = (tokens: readonly number[]): number[] => [...Array<number>(SOURCE - tokens.length).fill(0), ...tokens];
  const back = (tokens: readonly number[], filler: number): number[] => [
    ...tokens,
    ...Array<number>(STEPS - tokens.length).fill(filler),
  ];
  const network = build({
    input: [SOURCE + STEPS],
    layers,
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    capacity: 13,
    kernels: createKernels({ name: "simd128", tile: TILE, separateTile: TILE }, "float32"),
  });
  const inputs = Float32Array.from(
    sources.flatMap((tokens) => [...front(tokens), ...back([START, ...tokens.toReversed()], 0)]),
  );
  const targets = Float32Array.from(sources.flatMap((tokens) => back([...tokens.toReversed(), END], -1)));
  const options = { epochs: 80, batchSize: 13, shuffle: true, seed: 1, learningRate: 0.01 };
  const outcome = train(network, { train: { inputs, targets, rows: sources.length } }, options);
  const asked = Float32Array.from(sources.flatMap(front));

  it.each([1, 3])("writes them and ends, whatever stands beside them in the batch: beam width %i", (beamWidth) => {
    expect(outcome.kind).toBe("completed");
    const searching = { beamWidth, lengthPenalty: 1, maxLength: STEPS, start: START, end: END, never: [0, START] };
    const together = search(decoderOf(network, layers, 17), asked, sources.length, searching);
    expect(together.map(({ tokens }) => tokens)).toEqual(sources.map((tokens) => tokens.toReversed()));
    const alone = decoderOf(network, layers, beamWidth);
    for (const row of [0, 7]) {
      const source = asked.subarray(row * SOURCE, (row + 1) * SOURCE);
      expect(search(alone, source, 1, searching)).toEqual([together[row]]);
    }
  });
});

describe("beam search over a chain worked by hand", () => {
  // After the start a (0.6) or b (0.4); after a, a again, b or the end, one third each; after b nearly always the end.
  // Greedy: a. By probability "a" has 0.6/3 = 0.2, "b" 0.4·0.9 = 0.36.
  const [A, B] = [3, 4];
  const next: Readonly<Record<number, Readonly<Record<number, number>>>> = {
    [START]: { [A]: 0.6, [B]: 0.4 },
    [A]: { [A]: 0.3, [B]: 0.3, [END]: 0.4 },
    [B]: { [A]: 0.05, [B]: 0.05, [END]: 0.9 },
  };
  const chain = (): Decoder => {
    const [token, probabilities] = [new Float64Array(4), new Float64Array(4 * 5)];
    const size = (rowSize: number) => ({ rowSize });
    const plan = { capacity: 4, source: size(1), probabilities: size(5), state: [] };
    const step = (rows: number): void => {
      probabilities.fill(0);
      for (let row = 0; row < rows; row++)
        for (const [to, p] of Object.entries(next[token[row]])) probabilities[5 * row + Number(to)] = p;
    };
    return {
      plan,
      source: new Float64Array(4),
      token,
      state: [],
      probabilities,
      encode: () => {},
      step,
    } as unknown as Decoder;
  };
  const options: SearchOptions = { beamWidth: 1, lengthPenalty: 1, maxLength: 3, start: START, end: END, never: [0] };
  const best = (more: Partial<SearchOptions>) => search(chain(), new Float64Array(1), 1, { ...options, ...more })[0];

  it("takes the likelier beginning when it looks at one, and the likelier text when it looks at two", () => {
    expect(best({}).tokens).toEqual([A]);
    expect(best({ beamWidth: 2 })).toEqual({
      tokens: [B],
      logProbability: expect.closeTo(Math.log(0.36), 12),
      score: expect.closeTo(Math.log(0.36) / 2, 12),
    });
  });

  it("never writes what it must not, and is cut at the longest length", () => {
    expect(best({ never: [0, END] })).toMatchObject({ tokens: [A, A, A] });
    expect(best({ never: [0, A] }).tokens).toEqual([B]);
  });

  it("refuses a width that the decoder has no rows for", () => {
    expect(() => best({ beamWidth: 5 })).toThrow("beam search: expected a beam width of at most 4, got 5.");
    expect(() => best({ beamWidth: 0 })).toThrow("expected beam width an integer ≥ 1, got 0.");
  });
});
