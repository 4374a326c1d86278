import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Arithmetic } from "../../../src/engine/kernels/generated/emission.ts";
import { createGeneratedKernels } from "../../../src/engine/kernels/generated/generated.ts";
import type { Operation } from "../../../src/engine/operations.ts";
import type { Window } from "../../../src/engine/operations/images.ts";
import { fixedTensor, rowTensor } from "../../../src/engine/tensor.ts";
import { disagreement } from "./agreement.ts";

const ARITHMETIC: Record<string, Arithmetic> = {
  "mul+add 4x8": { fused: false, tile: { rows: 4, columns: 8 } },
  "mul+add 4x16": { fused: false, tile: { rows: 4, columns: 16 } },
  "fused 6x16": { fused: true, tile: { rows: 6, columns: 16 } },
};

interface Geometry {
  readonly rows: number;
  readonly capacity: number;
  readonly image: readonly [number, number, number];
  readonly outputs: number;
  readonly window: Window;
  /** Of the convolutions; default 1. */
  readonly groups?: number;
}

/** [vertical, horizontal] of small numbers. */
const pair = (min: number, max: number): fc.Arbitrary<readonly [number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const channels = fc.constantFrom(1, 2, 3, 6, 7, 8, 16, 17, 35);

/** Images around the edges of tiles, windows of all kinds that fit into their bordered image. */
const geometry: fc.Arbitrary<Geometry> = fc
  .record({
    rows: fc.integer({ min: 1, max: 3 }),
    spare: fc.integer({ min: 0, max: 1 }),
    extent: pair(1, 14),
    channels,
    outputs: channels,
    groups: fc.constantFrom(1, 1, 2, 3),
    size: pair(1, 5),
    stride: pair(1, 3),
    dilation: fc.oneof(fc.constant([1, 1] as const), pair(1, 3)),
    border: pair(0, 3),
  })
  .filter(({ extent, size, dilation, border }) =>
    ([0, 1] as const).every((d) => border[d] < size[d] && (size[d] - 1) * dilation[d] < extent[d] + 2 * border[d]),
  )
  .map(({ rows, spare, extent, outputs, groups, size, stride, dilation, border, channels: depth }) => ({
    rows,
    capacity: rows + spare,
    // Whole groups of fewer channels.
    image: [extent[0], extent[1], groups * Math.ceil(depth / groups)],
    outputs: groups * Math.ceil(outputs / groups),
    window: { size, stride, dilation, border },
    groups,
  }));

function outputExtents({ image, window: { size, stride, dilation, border } }: Geometry): [number, number] {
  const extent = (d: 0 | 1): number =>
    Math.floor((image[d] + 2 * border[d] - (size[d] - 1) * dilation[d] - 1) / stride[d]) + 1;
  return [extent(0), extent(1)];
}

interface ImageCase {
  readonly name: string;
  readonly agreement: "exact" | "sums";
  readonly make: (geometry: Geometry) => Operation;
}

const tensorsFor = (g: Geometry) => {
  const extents = outputExtents(g);
  const [seen, convolved, pooled] = [g.image, [...extents, g.outputs], [...extents, g.image[2]]];
  const images = (name: string, shape: readonly number[]) => rowTensor(name, shape, g.capacity);
  return {
    x: images("x", seen),
    dx: images("dx", seen),
    y: images("y", convolved),
    dy: images("dy", convolved),
    pooled: images("y", pooled),
    dPooled: images("dy", pooled),
    convolution: { window: g.window, groups: g.groups ?? 1 },
    weights: (name: string) => fixedTensor(name, [...g.window.size, g.image[2] / (g.groups ?? 1), g.outputs]),
    b: fixedTensor("b", [g.outputs]),
  };
};

const forward = (bias: boolean, relu: boolean): ImageCase => ({
  name: `conv2d${bias ? " with bias" : ""}${relu ? " and relu" : ""}`,
  agreement: "sums",
  make: (g) => {
    const { x, y, b, weights, convolution } = tensorsFor(g);
    return { kind: "conv2d", ...convolution, relu, x, W: weights("W"), b: bias ? b : null, y };
  },
});

const CASES: readonly ImageCase[] = [
  forward(false, false),
  forward(true, true),
  {
    name: "conv2d_input_gradient",
    agreement: "sums",
    make: (g) => {
      const { dy, dx, weights, convolution } = tensorsFor(g);
      return { kind: "conv2d_input_gradient", ...convolution, dy, W: weights("W"), dx };
    },
  },
  {
    name: "conv2d_weight_gradient",
    agreement: "sums",
    make: (g) => {
      const { x, dy, weights, convolution } = tensorsFor(g);
      return { kind: "conv2d_weight_gradient", ...convolution, x, dy, dW: weights("dW") };
    },
  },
  ...(["max_pool2d", "average_pool2d"] as const).map((kind): ImageCase => ({
    name: kind,
    agreement: "exact",
    make: (g) => {
      const { x, pooled } = tensorsFor(g);
      return { kind, window: g.window, x, y: pooled };
    },
  })),
  {
    name: "max_pool2d_backward",
    agreement: "exact",
    make: (g) => {
      const { x, pooled, dPooled, dx } = tensorsFor(g);
      return { kind: "max_pool2d_backward", window: g.window, x, y: pooled, dy: dPooled, dx };
    },
  },
  {
    name: "average_pool2d_backward",
    agreement: "exact",
    make: (g) => {
      const { dPooled, dx } = tensorsFor(g);
      return { kind: "average_pool2d_backward", window: g.window, dy: dPooled, dx };
    },
  },
];

/** The transforms of minimal filtering multiply by up to 64, and their sums cancel: of numbers up to ±3 and 144 products,
 * whose sum is usually 36, rounding leaves 2e-4 usually, 7e-4 was the most in some thousand numbers; this allows 1e-3. */
const ROUNDINGS = { plain: 12, minimal: 128 } as const;

/** NaN and infinities in the same places; otherwise within a few roundings of each of the terms of a sum. */
function closeFor({ image, outputs, window, rows }: Geometry): (value: number, wanted: number) => boolean {
  const terms = Math.max(window.size[0] * window.size[1] * Math.max(image[2], outputs), rows * image[0] * image[1]);
  const mayBeMinimal = [image[2], outputs].every((width) => width >= 16 && width % 8 === 0);
  const tolerance = 2 ** -24 * ROUNDINGS[mayBeMinimal ? "minimal" : "plain"];
  return (value, wanted) =>
    Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance * (terms + Math.abs(wanted));
}

describe.each(Object.entries(ARITHMETIC))("generated kernels for images, %s", (tier, arithmetic) => {
  const kernels = createGeneratedKernels(tier, arithmetic);
  const fault = ({ make, agreement }: ImageCase, g: Geometry, special: number): string | undefined => {
    const exact = agreement === "exact" || !arithmetic.fused;
    const trial = { operation: make(g), rows: g.rows, special };
    return disagreement(kernels, trial, exact ? Object.is : closeFor(g));
  };

  it.each(CASES)("$name agrees with the reference on random images and windows", (operation) => {
    fc.assert(
      fc.property(geometry, (g) => {
        expect(fault(operation, g, 0)).toBeUndefined();
      }),
      { numRuns: 25 },
    );
  });

  it.each(CASES)("$name gives NaN, infinities and denormals the reference's way", (operation) => {
    fc.assert(
      fc.property(geometry, fc.integer({ min: 1, max: 50 }), (g, special) => {
        expect(fault(operation, g, special)).toBeUndefined();
      }),
      { numRuns: 6 },
    );
  });

  it.each(CASES.filter(({ name }) => name.startsWith("conv2d")))(
    "$name agrees with the reference where each channel is filtered by itself, also of NaN and infinities",
    (operation) => {
      fc.assert(
        fc.property(geometry, fc.integer({ min: 0, max: 6 }), (g, special) => {
          const alone = { ...g, outputs: g.image[2], groups: g.image[2] };
          expect(fault(operation, alone, 7 * special)).toBeUndefined();
        }),
        { numRuns: 20 },
      );
    },
  );

  it.each(CASES)(
    "$name agrees with the reference where an image takes several bands and blocks of panels",
    (operation) => {
      const window: Window = { size: [3, 3], stride: [1, 1], dilation: [1, 1], border: [1, 1] };
      expect(fault(operation, { rows: 1, capacity: 1, image: [19, 23, 35], outputs: 18, window }, 0)).toBeUndefined();
      expect(fault(operation, { rows: 1, capacity: 1, image: [2, 2, 256], outputs: 70, window }, 0)).toBeUndefined();
      // A channel by itself, and groups wider than a panel.
      const deep: Geometry = { rows: 2, capacity: 2, image: [5, 6, 37], outputs: 37, window, groups: 37 };
      const wide: Geometry = { rows: 1, capacity: 1, image: [4, 5, 14], outputs: 70, window, groups: 2 };
      expect(fault(operation, deep, 0) ?? fault(operation, wide, 0)).toBeUndefined();
    },
  );
});

describe("pooling with windows of more places than are written out", () => {
  const kernels = createGeneratedKernels("separate", ARITHMETIC["mul+add 4x8"]);
  const of = (image: Geometry["image"], size: Window["size"], rest: Partial<Window>): Geometry => {
    const window = { size, stride: [2, 3], dilation: [1, 1], border: [0, 0], ...rest } as const;
    return { rows: 2, capacity: 3, image, outputs: 1, window };
  };
  it.each(CASES.filter(({ name }) => name.includes("pool")))("$name agrees with the reference", ({ make }) => {
    for (const g of [
      of([19, 23, 21], [9, 10], { border: [4, 5] }),
      of([1, 300, 5], [1, 300], {}),
      of([30, 28, 3], [10, 9], { stride: [10, 9], dilation: [2, 1] }),
    ]) {
      const trial = { operation: make(g), rows: g.rows, special: 0 };
      expect(
        disagreement(kernels, trial, Object.is) ?? disagreement(kernels, { ...trial, special: 5 }, Object.is),
      ).toBe(undefined);
    }
  });
});

describe("windows of 3 × 3 in fewer multiplications, where multiply-add is fused", () => {
  const kernels = createGeneratedKernels("fused", ARITHMETIC["fused 6x16"]);
  const window: Window = { size: [3, 3], stride: [1, 1], dilation: [1, 1], border: [1, 1] };
  const wide = fc.constantFrom(16, 32, 40);
  const images = fc
    .record({ extent: pair(2, 18), depth: wide, outputs: wide, border: pair(0, 2) })
    .filter(({ extent, border }) => [0, 1].every((d) => extent[d] + 2 * border[d] > 4))
    .map(({ extent, depth, outputs, border }): Geometry => ({
      rows: 2,
      capacity: 2,
      image: [extent[0], extent[1], depth],
      outputs,
      window: { ...window, border },
    }));
  const cases = CASES.filter(({ name }) => name.startsWith("conv2d"));

  it.each(cases)("$name agrees with the reference on random images", ({ make }) => {
    fc.assert(
      fc.property(images, (g) => {
        const trial = { operation: make(g), rows: g.rows, special: 0 };
        expect(disagreement(kernels, trial, closeFor(g))).toBeUndefined();
      }),
      { numRuns: 8 },
    );
  });

  it.each(cases)(
    "$name agrees with the reference where a block takes several images, and some are left",
    ({ make }) => {
      const g: Geometry = { rows: 67, capacity: 67, image: [3, 4, 16], outputs: 16, window };
      const trial = { operation: make(g), rows: g.rows, special: 0 };
      expect(disagreement(kernels, trial, closeFor(g))).toBeUndefined();
    },
  );

  it.each(cases)("$name agrees with the reference where the phases of a larger window are of 3 × 3", ({ make }) => {
    const strided: Window = { size: [5, 6], stride: [2, 2], dilation: [1, 1], border: [2, 2] };
    const g: Geometry = { rows: 2, capacity: 2, image: [12, 14, 16], outputs: 16, window: strided };
    const trial = { operation: make(g), rows: g.rows, special: 0 };
    expect(disagreement(kernels, trial, closeFor(g))).toBeUndefined();
  });

  // A tile's outputs share their products, so what is not finite may reach those beside it; it never disappears.
  it.each(cases)("$name is not finite where the reference is not", ({ make }) => {
    fc.assert(
      fc.property(images, fc.integer({ min: 1, max: 50 }), (g, special) => {
        const close = closeFor(g);
        const agrees = (value: number, wanted: number): boolean => !Number.isFinite(value) || close(value, wanted);
        expect(disagreement(kernels, { operation: make(g), rows: g.rows, special }, agrees)).toBeUndefined();
      }),
      { numRuns: 4 },
    );
  });
});
