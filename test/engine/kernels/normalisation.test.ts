import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Arithmetic } from "../../../src/engine/kernels/generated/emission.ts";
import { createGeneratedKernels } from "../../../src/engine/kernels/generated/generated.ts";
import type { Operation } from "../../../src/engine/operations.ts";
import { fixedTensor, rowTensor } from "../../../src/engine/tensor.ts";
import { disagreement } from "./agreement.ts";

const ARITHMETIC: Record<string, Arithmetic> = {
  "mul+add 4x8": { fused: false, tile: { rows: 4, columns: 8 } },
  "fused 6x16": { fused: true, tile: { rows: 6, columns: 16 } },
};

interface Extents {
  readonly rows: number;
  readonly pixels: number;
  readonly channels: number;
}

/** Around the edges of blocks of 64 pixels and strips of 64 channels; a single pixel has no unbiased variance. */
const extents: fc.Arbitrary<Extents> = fc.record({
  rows: fc.integer({ min: 1, max: 4 }),
  pixels: fc.integer({ min: 1, max: 70 }),
  channels: fc.constantFrom(1, 3, 7, 16, 17, 64, 70),
});

const tensorsFor = ({ rows, pixels, channels }: Extents) => {
  const image = (name: string) => rowTensor(name, [pixels, 1, channels], rows + 1);
  const channel = (name: string) => fixedTensor(name, [channels]);
  return { image, channel };
};

interface NormalisationCase {
  readonly name: string;
  readonly make: (extents: Extents) => Operation;
}

const CASES: readonly NormalisationCase[] = [false, true].flatMap((fused): NormalisationCase[] => [
  {
    name: `batch_norm${fused ? " with residual and relu" : ""}`,
    make: (e) => {
      const { image, channel } = tensorsFor(e);
      return {
        kind: "batch_norm",
        x: image("x"),
        gamma: channel("gamma"),
        beta: channel("beta"),
        runningMean: channel("runningMean"),
        runningVariance: channel("runningVariance"),
        mean: channel("mean"),
        inverse: channel("inverse"),
        residual: fused ? image("residual") : null,
        relu: fused,
        y: image("y"),
        momentum: 0.1,
        epsilon: 1e-5,
      };
    },
  },
  {
    name: `batch_norm_inference${fused ? " with residual and relu" : ""}`,
    make: (e) => {
      const { image, channel } = tensorsFor(e);
      return {
        kind: "batch_norm_inference",
        x: image("x"),
        gamma: channel("gamma"),
        beta: channel("beta"),
        runningMean: channel("runningMean"),
        runningVariance: channel("runningVariance"),
        residual: fused ? image("residual") : null,
        relu: fused,
        y: image("y"),
        epsilon: 1e-5,
      };
    },
  },
  {
    name: `batch_norm_backward${fused ? " through relu" : ""}`,
    make: (e) => {
      const { image, channel } = tensorsFor(e);
      return {
        kind: "batch_norm_backward",
        x: image("x"),
        gamma: channel("gamma"),
        mean: channel("mean"),
        inverse: channel("inverse"),
        y: fused ? image("y") : null,
        dy: image("dy"),
        dgamma: channel("dgamma"),
        dbeta: channel("dbeta"),
        dx: image("dx"),
      };
    },
  },
]);

// Normalisation multiplies and adds in separate instructions on every tier: its time is memory's.
describe.each(Object.entries(ARITHMETIC))("generated normalisation, %s", (tier, arithmetic) => {
  const kernels = createGeneratedKernels(tier, arithmetic);
  const nonNegative = ["runningVariance", "inverse"];

  it.each(CASES)("$name has the bits of the reference on random shapes", ({ make }) => {
    fc.assert(
      fc.property(extents, (e) => {
        const trial = { operation: make(e), rows: e.rows, special: 0, nonNegative };
        expect(disagreement(kernels, trial, Object.is)).toBeUndefined();
      }),
      { numRuns: 12 },
    );
  });

  it.each(CASES)("$name gives NaN, infinities and denormals the reference's way", ({ make }) => {
    fc.assert(
      fc.property(extents, fc.integer({ min: 1, max: 50 }), (e, special) => {
        const trial = { operation: make(e), rows: e.rows, special, nonNegative };
        expect(disagreement(kernels, trial, Object.is)).toBeUndefined();
      }),
      { numRuns: 6 },
    );
  });
});
