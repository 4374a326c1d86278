// Dropout of channels and of states. Dropout of single units is tested with its kernel and its gradient.
import { describe, expect, it } from "vitest";
import { predict } from "../../src/engine/evaluate.ts";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { Network } from "../../src/engine/network.ts";
import { tensorsOf } from "../../src/engine/operations.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, scattered } from "./construction.ts";

const KINDS = ["simple_rnn", "lstm", "gru"] as const;
const [STEPS, INPUTS, UNITS] = [4, 2, 5];

function networkOf(layer: LayerSpec, rows: number): Network {
  const network = build({
    input: [STEPS, INPUTS],
    layers: [{ type: "dense", units: 3 }, layer, { type: "flatten" }, { type: "dense", units: 2 }],
    loss: "mean_squared_error",
    capacity: rows,
    seed: 3,
    apart: true,
  });
  network.inputs.set(scattered(rows * STEPS * INPUTS, 1));
  network.targets.set(scattered(rows * 2, 2));
  network.step.seed = 7;
  return network;
}

/** The numbers of the tensor whose name ends so. */
function tensorNamed({ plan, memory }: Network, end: string): Float64Array {
  const found = plan.training!.step.flatMap(tensorsOf).find(({ name }) => name.endsWith(end));
  return memory.view(found!) as Float64Array;
}

function parameterNamed({ plan, memory }: Network, name: string) {
  const { value, gradient } = plan.training!.parameters.find((parameter) => parameter.name === name)!;
  return { values: memory.view(value), gradient: memory.view(gradient) };
}

describe.each(KINDS)("recurrent dropout of %s", (type) => {
  const layer = (rest: object): LayerSpec => ({ type, units: UNITS, ...rest });

  it.each([true, false])("has the gradient of central differences, all states wanted: %s", (return_sequences) => {
    const network = networkOf(layer({ recurrent_dropout: 0.4, return_sequences }), 3);
    expect(worstError(network, 3)).toBeLessThan(TOLERANCE);
  });

  // For one row (h ⊙ m)·U = h·(diag(m)·U), in every step.
  it("is one mask over the rows of the recurrent weights, the same in every step", () => {
    const dropped = networkOf(layer({ recurrent_dropout: 0.4, return_sequences: true }), 1);
    dropped.differentiate(1);
    const mask = tensorNamed(dropped, `${type}.mask`);
    expect(new Set(mask)).toEqual(new Set([0, 1 / 0.6]));

    const plain = networkOf(layer({ return_sequences: true }), 1);
    const U = parameterNamed(plain, "recurrent_weights");
    const columns = U.values.length / UNITS;
    U.values.forEach((weight, i) => (U.values[i] = weight * mask[Math.floor(i / columns)]));
    plain.differentiate(1);
    expect(plain.losses[0]).toBeCloseTo(dropped.losses[0], 12);
    parameterNamed(dropped, "recurrent_weights").gradient.forEach((value, i) =>
      expect(value).toBeCloseTo(U.gradient[i] * mask[Math.floor(i / columns)], 12),
    );
    const [ours, theirs] = [dropped, plain].map((network) => parameterNamed(network, "weights").gradient);
    ours.forEach((value, i) => expect(value).toBeCloseTo(theirs[i], 12));
  });

  it("is off in predictions", () => {
    const [dropped, plain] = [networkOf(layer({ recurrent_dropout: 0.4 }), 2), networkOf(layer({}), 2)];
    const inputs = scattered(2 * STEPS * INPUTS, 9);
    expect(predict(dropped, inputs, 2)).toEqual(predict(plain, inputs, 2));
  });
});

it("spatial dropout drops a channel in all steps of a row, others in other rows, and nothing in predictions", () => {
  const network = networkOf({ type: "spatial_dropout", rate: 0.5 }, 8);
  network.differentiate(8);
  const [x, y] = [tensorNamed(network, "0.dense.y"), tensorNamed(network, "1.spatial_dropout.y")];
  const factors = Array.from({ length: 8 }, (_, row) =>
    [0, 1, 2].map((channel) => {
      const places = Array.from({ length: STEPS }, (_step, t) => (row * STEPS + t) * 3 + channel);
      const [factor, ...others] = places.map((place) => y[place] / x[place]);
      for (const other of others) expect(other).toBeCloseTo(factor, 12);
      return Math.round(factor);
    }),
  );
  expect(new Set(factors.flat())).toEqual(new Set([0, 2]));
  expect(new Set(factors.map(String)).size).toBeGreaterThan(2);
  const inputs = scattered(STEPS * INPUTS, 9);
  const plain = networkOf({ type: "reshape", shape: [STEPS, 3] }, 1);
  expect(predict(network, inputs, 1)).toEqual(predict(plain, inputs, 1));
});
