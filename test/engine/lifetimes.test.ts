import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKernels, sizingKernels } from "../../src/engine/kernels/tiers.ts";
import type { Tier } from "../../src/engine/kernels/tiers.ts";
import { createReferenceKernels } from "../../src/engine/kernels/reference/reference.ts";
import { placeByLifetime } from "../../src/engine/lifetimes.ts";
import { instantiate, networkBytes } from "../../src/engine/network.ts";
import type { Network } from "../../src/engine/network.ts";
import type { Operation } from "../../src/engine/operations.ts";
import { copy, multiply } from "../../src/engine/operations/elements.ts";
import { initialise } from "../../src/engine/parameters.ts";
import { planNetwork } from "../../src/engine/plan.ts";
import type { Plan } from "../../src/engine/plan.ts";
import { elementCount, rowTensor } from "../../src/engine/tensor.ts";
import type { Tensor } from "../../src/engine/tensor.ts";
import { apart } from "./construction.ts";
import { fill, SAMPLES } from "./sample-networks.ts";
import type { Sample } from "./sample-networks.ts";

const TILE = { rows: 4, columns: 8 };
const TILES = [TILE, { rows: 4, columns: 16 }, { rows: 6, columns: 16 }];
const TIER: Tier = { name: "simd128", tile: TILE, separateTile: TILE };

const KERNELS = [createReferenceKernels("float32"), createKernels(TIER, "float32")];

const bytesOf = (tensor: Tensor): number => 64 * tensor.rowSize;
const place = (lists: readonly (readonly Operation[])[]) => placeByLifetime(lists, () => true, bytesOf);

describe("memory by lifetime", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 20 });
  const picks = fc.array(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 15 }), { maxLength: 3 });

  it("never puts two tensors that live at the same time over each other", () => {
    fc.assert(
      fc.property(sizes, picks, (rowSizes, chosen) => {
        const tensors = rowSizes.map((size, index) => rowTensor(`t${index}`, [size], 1));
        const lists = chosen.map((list) =>
          list.map(([a, b, c]) =>
            multiply(...([a, b, c].map((i) => tensors[i % tensors.length]) as [Tensor, Tensor, Tensor])),
          ),
        );
        const { offsets, bytes } = place(lists);
        for (const list of lists) {
          list.forEach((_, now) => {
            const uses = (operations: readonly Operation[], tensor: Tensor): boolean =>
              operations.some(
                (operation) =>
                  operation.kind === "multiply" && [operation.a, operation.b, operation.c].includes(tensor),
              );
            const alive = tensors
              .filter((tensor) => uses(list.slice(0, now + 1), tensor) && uses(list.slice(now), tensor))
              .toSorted((a, b) => offsets.get(a)! - offsets.get(b)!);
            alive.forEach((tensor, index) => {
              const end = offsets.get(tensor)! + bytesOf(tensor);
              expect(end).toBeLessThanOrEqual(index + 1 < alive.length ? offsets.get(alive[index + 1])! : bytes);
            });
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it("needs two places for a chain of copies, however long", () => {
    const chain = Array.from({ length: 9 }, (_, index) => rowTensor(`t${index}`, [5], 1));
    const copies = chain.slice(1).map((tensor, index) => copy(chain[index], tensor));
    expect(place([copies]).bytes).toBe(2 * 5 * 64);
  });

  describe("of a loss whose gradient may lie over the logits", () => {
    const [z, dz, later] = ["z", "dz", "later"].map((name) => rowTensor(name, [4, 5], 1));
    const [t, loss, correct] = ["t", "loss", "correct"].map((name) => rowTensor(name, [4], 1));
    const gradient: Operation = { kind: "softmax_cross_entropy_gradient", z, t, dz, loss, correct };

    it("gives both one place", () => {
      const { offsets } = place([[gradient, copy(dz, later)]]);
      expect(offsets.get(dz)).toBe(offsets.get(z));
    });

    it.each<[string, readonly (readonly Operation[])[]]>([
      ["the logits are read afterwards", [[gradient, copy(z, later)]]],
      ["the gradient is written before", [[copy(later, dz), gradient]]],
      ["another list has both at a time", [[gradient], [copy(z, dz)]]],
    ])("gives each its own where %s", (_, lists) => {
      const { offsets } = place(lists);
      expect(Math.abs(offsets.get(dz)! - offsets.get(z)!)).toBeGreaterThanOrEqual(bytesOf(z));
    });
  });
});

describe("a network whose activations share memory", () => {
  const planOf = ({ spec }: Sample): Plan =>
    planNetwork(spec, {
      batchCapacity: 6,
      precision: "float32",
      loss: "cross_entropy",
      training: { optimizer: { type: "adam" }, gradientClip: { norm: 1 } },
    });

  /** Weights after some steps, between which it also evaluates and predicts. */
  function trained(network: Network, sample: Sample): string {
    initialise(network, 3);
    for (let number = 1; number <= 4; number++) {
      fill(network, sample, number);
      Object.assign(network.step, { number, learningRate: 0.01, seed: 9 });
      network.trainStep(6);
      network.evaluate(5);
      network.forward(5 - number);
    }
    const numbers = network.plan.parameters.flatMap(({ value }) => [...network.memory.view(value)]);
    return [...numbers, ...network.outputs, ...network.losses].join();
  }

  it.each(
    SAMPLES.flatMap((sample) => KERNELS.map((kernels) => ({ sample, kernels, name: sample.name, on: kernels.name }))),
  )("computes the same bits as one in which each has a place of its own: $name, $on", ({ sample, kernels }) => {
    const plan = planOf(sample);
    const wasted = apart(plan);
    expect(plan.layout.bytes).toBeLessThan(wasted.layout.bytes);
    const shared = trained(instantiate(plan, kernels), sample);
    expect(shared).toBe(trained(instantiate(wasted, kernels), sample));
    expect(shared).not.toContain("NaN");
  });

  it.each([1, 64, 700])("allocates the bytes it was planned to, for a batch of %i", (batchCapacity) => {
    const large = planNetwork(
      {
        input_shape: [300],
        layers: [
          { type: "dense", units: 600 },
          { type: "dense", units: 5 },
        ],
      },
      { batchCapacity, precision: "float32", loss: "cross_entropy", training: { optimizer: { type: "sgd" } } },
    );
    for (const kernels of KERNELS) {
      expect(instantiate(large, kernels).memory.buffer.byteLength).toBe(networkBytes(large, kernels));
    }
    const tensors = [...large.layout.places.keys()].filter(({ perRow }) => !perRow);
    const fixed = tensors.reduce((count, tensor) => count + elementCount(tensor), 0);
    expect(networkBytes(large, createKernels(TIER, "float32"))).toBeGreaterThan(4 * fixed);
  });

  // Minimal filtering, of at least 16 channels, needs memory of its own, on some tiers only.
  const wide: Sample = {
    name: "wide convolutions",
    spec: {
      input_shape: [6, 6, 16],
      layers: [
        { type: "conv2d", filters: 32, kernel_size: 3, padding: 1 },
        { type: "conv2d", filters: 48, kernel_size: 3, padding: 1 },
        { type: "flatten" },
        { type: "dense", units: 3 },
      ],
    },
  };
  it.each([...SAMPLES, wide])("is sized for the generated tier that needs the most memory: $name", (sample) => {
    const plan = planOf(sample);
    const bytes = TILES.flatMap((tile) =>
      (["simd128", "relaxed256"] as const).map((name) =>
        networkBytes(plan, createKernels({ name, tile, separateTile: tile }, "float32")),
      ),
    );
    expect(networkBytes(plan, sizingKernels("float32"))).toBe(Math.max(...bytes));
    expect(new Set(bytes).size > 1).toBe(sample === wide);
  });
});
