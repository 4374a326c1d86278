// Whole planned networks on the kernels of every tier: gradients, bits of rows, determinism, speed with denormals, memory.
import { performance } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { evaluateRows, predict } from "../../../src/engine/evaluate.ts";
import { createReferenceKernels } from "../../../src/engine/kernels/reference/reference.ts";
import { createKernels } from "../../../src/engine/kernels/tiers.ts";
import type { Tier } from "../../../src/engine/kernels/tiers.ts";
import type { Network } from "../../../src/engine/network.ts";
import type { OptimizerSpec } from "../../../src/engine/optimizers/catalogue.ts";
import { train } from "../../../src/engine/train.ts";
import { build, scattered } from "../construction.ts";
import type { Construction } from "../construction.ts";

const NARROW = { rows: 4, columns: 8 };
const TIERS: Tier[] = [
  { name: "relaxed256", tile: { rows: 6, columns: 16 }, separateTile: { rows: 4, columns: 16 } },
  { name: "fma", tile: NARROW, separateTile: NARROW },
  { name: "simd128", tile: NARROW, separateTile: NARROW },
  { name: "reference", tile: NARROW, separateTile: NARROW },
];
const GENERATED = TIERS.filter(({ name }) => name !== "reference");

const CLASSIFIER: Construction = {
  input: [13],
  layers: [
    { type: "dense", units: 19, activation: "tanh" },
    { type: "dense", units: 7, activation: "gelu" },
    { type: "dense", units: 5 },
  ],
  loss: "cross_entropy",
};
const REGRESSION: Construction = {
  input: [9],
  layers: [
    { type: "dense", units: 11, activation: "relu" },
    { type: "dense", units: 6, activation: "leaky_relu" },
    { type: "dense", units: 3 },
  ],
  loss: "mean_squared_error",
};
const BINARY: Construction = {
  input: [6],
  layers: [
    { type: "dense", units: 5, activation: "sigmoid" },
    { type: "dense", units: 1 },
  ],
  loss: "binary_cross_entropy",
};
const NETWORKS = { CLASSIFIER, REGRESSION, BINARY };

function dataFor({ plan }: Network, rows: number) {
  const { t, definition } = plan.objective!;
  const targets = scattered(rows * t.rowSize, 2).map((value, i) => {
    if (definition.targets === "index") return (i * 3) % plan.output.rowSize;
    return plan.outputActivation === "sigmoid" ? i % 2 : value;
  });
  return { inputs: scattered(rows * plan.input.rowSize, 1), targets, rows };
}

function weightsOf({ plan, memory }: Network): string {
  return Buffer.concat(plan.parameters.map(({ value }) => Buffer.from(memory.view(value).slice().buffer))).toString(
    "base64",
  );
}

describe.each(Object.entries(NETWORKS))("the gradients of network %s", (_name, construction) => {
  it.each(GENERATED)("on $name are those of the float64 reference", (tier) => {
    const rows = 11;
    const [network, exact] = [
      build({ ...construction, capacity: rows, kernels: createKernels(tier, "float32") }),
      build({ ...construction, capacity: rows }),
    ];
    for (const { inputs, targets, plan, memory, differentiate } of [network, exact]) {
      const data = dataFor(network, rows);
      inputs.set(data.inputs);
      targets.set(data.targets);
      // The same parameters in both, in single precision.
      plan.parameters.forEach(({ value }, index) =>
        memory.view(value).set(scattered(value.rowSize, index + 9).map(Math.fround)),
      );
      differentiate(rows);
    }
    network.plan.training!.parameters.forEach(({ gradient }, index) => {
      const got = network.memory.view(gradient);
      const wanted = [...exact.memory.view(exact.plan.training!.parameters[index].gradient)];
      const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);
      const size = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(worst / size).toBeLessThan(1e-5);
    });
  });
});

describe.each(TIERS)("a row on $name", (tier) => {
  it("has the same bits alone, in batches of any size, and as training evaluated it", () => {
    const rows = 75;
    for (const construction of Object.values(NETWORKS)) {
      const network = build({ ...construction, capacity: rows, kernels: createKernels(tier, "float32") });
      const data = dataFor(network, rows);
      const evaluated = evaluateRows(network, data).outputs;
      for (const capacity of [1, 2, 3, 5, 17, 64]) {
        const other = build({ ...construction, capacity, kernels: createKernels(tier, "float32") });
        expect([...predict(other, data.inputs, rows)], `capacity ${capacity}`).toEqual([...evaluated]);
      }
    }
  });
});

const OPTIMIZERS: OptimizerSpec[] = [
  { type: "sgd", momentum: 0.9, nesterov: true, weight_decay: 1e-4 },
  { type: "adam" },
  { type: "adamw", weight_decay: 0.01 },
  { type: "rmsprop", momentum: 0.5 },
  { type: "adagrad" },
];

/** Weights after 2,000 steps with dropout, clipping and an incomplete last batch in every epoch. */
function soak(construction: Construction, tier: Tier, optimizer: OptimizerSpec): string {
  const layers = [
    ...construction.layers.slice(0, 1),
    { type: "dropout", rate: 0.2 } as const,
    ...construction.layers.slice(1),
  ];
  const kernels = createKernels(tier, "float32", true);
  const network = build({ ...construction, layers, optimizer, gradientClip: { norm: 1 }, capacity: 8, kernels });
  const data = dataFor(network, 61);
  const outcome = train(
    network,
    { train: data },
    { epochs: 250, batchSize: 8, shuffle: true, seed: 3, learningRate: 0.01 },
  );
  expect(outcome.state.progress.stepsDone).toBe(2000);
  return weightsOf(network);
}

describe.each(OPTIMIZERS)("2,000 deterministic steps with $type", (optimizer) => {
  it.each(Object.entries(NETWORKS))(
    "end with the same bytes on every tier, the reference included: %s",
    (_name, net) => {
      const [first, ...others] = TIERS.map((tier) => soak(net, tier, optimizer));
      for (const other of others) expect(other).toBe(first);
    },
  );
});

describe("generated kernels", () => {
  it("are not slowed down by denormal numbers to less than a third of their speed", () => {
    const network = build({ ...CLASSIFIER, input: [256], capacity: 64, kernels: createKernels(TIERS[0], "float32") });
    const shortest = (input: number): number => {
      network.inputs.fill(input);
      let best = Infinity;
      for (let repetition = 0; repetition < 200; repetition++) {
        const start = performance.now();
        network.differentiate(64);
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    const normal = shortest(0.5);
    // Times weights below 1, sums of these are denormal throughout.
    expect(shortest(1e-42)).toBeLessThan(3 * normal);
  });

  it("allocate nothing per step: once V8 has optimised the loop, 10,000 steps leave the heap as it was", () => {
    const kernels = createKernels(TIERS[0], "float32");
    // More than 1,000 parameters: tiny networks have no calls per step.
    const wider: Construction = { ...CLASSIFIER, input: [64], optimizer: { type: "adam" }, gradientClip: { norm: 1 } };
    const network = build({ ...wider, kernels });
    const data = dataFor(network, 40_100);
    const options = { epochs: 8, batchSize: 4, shuffle: true, seed: 1, learningRate: 1e-3 };
    const grownBy: number[] = [];
    let used = 0;
    train(network, { train: data }, options, {
      afterStep({ step }) {
        if (step === 20) used = process.memoryUsage().heapUsed;
        if (step === 10_020) grownBy.push(process.memoryUsage().heapUsed - used);
        return "continue";
      },
    });
    // One number per step in a heap object would be 160,000 bytes; a collection in between only lessens the growth, and
    // the first epochs also run code that is not optimised yet.
    expect(grownBy).toHaveLength(8);
    expect(Math.min(...grownBy.map(Math.abs))).toBeLessThan(80_000);
  });

  it("run float64 on the reference, and remember the arithmetic a version was trained with", () => {
    expect(createKernels(TIERS[0], "float64").name).toBe("reference-float64");
    expect(createKernels(TIERS[0], "float32").name).toBe("relaxed256-float32");
    expect(createKernels(TIERS[0], "float32", true).name).toBe("simd128-float32");
    expect(createReferenceKernels("float32").name).toBe("reference-float32");
  });

  it("refuse more memory than WebAssembly can address, with the numbers", () => {
    expect(() => createKernels(TIERS[1], "float32").allocate(2 ** 32)).toThrow("got 4294967296 bytes");
  });
});
