// The benchmark in small: it measures the real training path, and prints what its readers expect.
import { describe, expect, test } from "vitest";
import { figuresOf, merge, ratio } from "../../bench/figures.ts";
import type { Figures } from "../../bench/figures.ts";
import { prepare } from "../../bench/measure.ts";
import { productTable } from "../../bench/product-table.ts";
import type { OperationsWorkload } from "../../bench/workload.ts";
import { BARS, chosenWorkloads, WORKLOADS } from "../../bench/workloads.ts";
import { createKernels, resolveTier } from "../../src/engine/kernels/tiers.ts";

const tier = resolveTier("simd128");
const kernels = createKernels(tier, "float32");
const figures = (runs: readonly number[], unit: string): Figures =>
  figuresOf({ peer: "deltarule", workload: "W1", unit, runs, tier: tier.name, clock: "cpu" });

describe("a run of the benchmark", () => {
  test.each(["W1", "W2"])("%s trains a network and becomes a line of JSON", (name) => {
    const { unit } = WORKLOADS[name];
    const run = prepare(WORKLOADS[name], kernels, 0);
    const line = figuresOf({
      peer: "deltarule",
      workload: name,
      unit,
      runs: [run(), run(), run()],
      tier: tier.name,
      clock: "cpu",
    });
    expect(JSON.parse(JSON.stringify(line))).toStrictEqual({
      peer: "deltarule",
      workload: name,
      unit: name === "W1" ? "us/step" : "s/200 epochs",
      value: line.runs.toSorted((a, b) => a - b)[1],
      runs: [expect.any(Number), expect.any(Number), expect.any(Number)],
      tier: "simd128",
      clock: "cpu",
    });
    for (const figure of line.runs) expect(figure).toBeGreaterThan(0);
  });

  test("a workload whose loss does not fall is no result", () => {
    const still = { ...WORKLOADS["W2"], learningRate: 0 };
    expect(() => prepare(still, kernels, 0)).toThrow("the loss did not fall");
  });

  test("a matrix product is measured in GFLOP/s", () => {
    const product = { ...WORKLOADS["gemm-tn-64x10x128"], calls: 10 } as OperationsWorkload;
    expect(prepare(product, kernels, 0)()).toBeGreaterThan(0);
    // Two operations, a multiplication and an addition, for each of 64·10·128 products, in 1,221 calls.
    expect(WORKLOADS["gemm-tn-64x10x128"]).toMatchObject({ calls: 1_221, unit: "GFLOP/s" });
    expect((WORKLOADS["gemm-tn-64x10x128"] as OperationsWorkload).figure(1)).toBeCloseTo(0.20004864, 12);
  });

  test("predictions are measured too", () => {
    expect(prepare(WORKLOADS["W9-predict1"], kernels, 0)()).toBeGreaterThan(0);
  });
});

describe("figures", () => {
  test("the value is the median, with six digits", () => {
    expect(figures([3, 1.23456789, 2], "samples/s")).toMatchObject({ value: 2, runs: [3, 1.23457, 2] });
    expect(figures([4, 1, 2, 3], "samples/s").value).toBe(2.5);
  });

  test("the best runs are compared: the most of a rate, the least of a time", () => {
    expect(ratio(figures([10, 30], "samples/s"), figures([15, 5], "samples/s"))).toBe(2);
    expect(ratio(figures([10, 30], "us/step"), figures([15, 50], "us/step"))).toBe(1.5);
  });

  test("of products stand beside each other, a column for each tier", () => {
    const line = { ...figures([90, 100], "GFLOP/s"), workload: "gemm-64", peak_percent: 91 };
    const slower = { ...line, tier: "reference", runs: [1], peak_percent: 1 };
    expect(productTable([line, slower]).split(/\n| {2,}/)).toEqual([
      "GFLOP/s (of the peak)",
      "simd128",
      "reference",
      "gemm-64",
      "100.0 (91 %)",
      "1.0 (1 %)",
    ]);
  });

  test("the turns of one peer become one line", () => {
    const other = { ...figures([7], "us/step"), peer: "torch" };
    expect(merge([figures([1, 2], "us/step"), other, figures([9], "us/step")])).toEqual([
      figures([1, 2, 9], "us/step"),
      other,
    ]);
  });
});

describe("workloads", () => {
  test("a name stands for all that begin with it, and an unknown one is refused", () => {
    expect(chosenWorkloads(["W9"])).toEqual(["W9-predict1", "W9-predict1024"]);
    expect(() => chosenWorkloads(["W10"])).toThrow("no workload W10");
  });

  test("every bar is a number above one", () => {
    for (const bars of Object.values(BARS)) for (const factor of Object.values(bars)) expect(factor).toBeGreaterThan(1);
  });
});
