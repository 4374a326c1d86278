import { describe, expect, it } from "vitest";
import { predict } from "../../src/engine/evaluate.ts";
import { build } from "./construction.ts";

// McCulloch & Pitts, 1943: a unit fires when the weighted sum of its inputs reaches its threshold.
describe("a threshold unit", () => {
  const unit = (weights: number[], bias: number) =>
    build({
      input: [weights.length],
      layers: [{ type: "dense", units: 1 }, { type: "threshold" }],
      given: [{ weights: weights.map((weight) => [weight]), bias: [bias] }],
    });
  const rows = Float64Array.from([0, 0, 0, 1, 1, 0, 1, 1]);

  it("computes AND with weights 1, 1 and bias −2", () => {
    expect([...predict(unit([1, 1], -2), rows, 4)]).toEqual([0, 0, 0, 1]);
  });

  it("computes OR with weights 1, 1 and bias −1", () => {
    expect([...predict(unit([1, 1], -1), rows, 4)]).toEqual([0, 1, 1, 1]);
  });

  it("computes NOT with weight −1 and bias 0, firing at exactly 0", () => {
    expect([...predict(unit([-1], 0), Float64Array.from([0, 1]), 2)]).toEqual([1, 0]);
  });
});
