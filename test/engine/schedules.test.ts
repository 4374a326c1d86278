import { describe, expect, it } from "vitest";
import { checkSchedule, learningRateAt } from "../../src/engine/schedules.ts";
import type { ScheduleSpec } from "../../src/engine/schedules.ts";

/** The rates of a whole training. */
const rates = (spec: ScheduleSpec, epochs: number, stepsPerEpoch: number, base = 1) =>
  Array.from({ length: epochs * stepsPerEpoch }, (_, step) => learningRateAt(spec, base, step, stepsPerEpoch, epochs));

describe("a learning-rate schedule", () => {
  it("stays at the base rate when constant", () => {
    expect(new Set(rates({ type: "constant" }, 4, 3, 0.3))).toEqual(new Set([0.3]));
  });

  it("multiplies by gamma after every n epochs", () => {
    expect(rates({ type: "step", every_epochs: 2, gamma: 0.5 }, 5, 1)).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });

  it("keeps one rate for all steps of an epoch when stepping", () => {
    expect(rates({ type: "step", every_epochs: 1, gamma: 0.5 }, 2, 3)).toEqual([1, 1, 1, 0.5, 0.5, 0.5]);
  });

  it("follows half a cosine within the epochs: 1, ¾, ½, ¼ of the way down at thirds", () => {
    // ½(1 + cos(π·k/6)): at k = 2 cos = ½, at k = 3 cos = 0, at k = 4 cos = −½.
    const [start, , third, half, twoThirds] = rates({ type: "cosine" }, 3, 2);
    expect([start, third, half, twoThirds]).toEqual([1, 0.75, 0.5, 0.25].map((rate) => expect.closeTo(rate, 14)));
  });

  it("ends the cosine above the minimum and never below it", () => {
    const all = rates({ type: "cosine", minimum_learning_rate: 0.1 }, 10, 5);
    expect(Math.min(...all)).toBeGreaterThan(0.1);
    expect(all.at(-1)).toBeLessThan(0.102);
  });

  it("rises linearly during warm-up and reaches the base rate with its last step", () => {
    expect(rates({ type: "constant", warmup_epochs: 2 }, 3, 2, 4)).toEqual([1, 2, 3, 4, 4, 4]);
  });

  it("starts the cosine after the warm-up", () => {
    const all = rates({ type: "cosine", warmup_epochs: 1 }, 3, 1);
    expect(all).toEqual([1, 1, expect.closeTo(0.5, 14)]);
  });

  it("allows a warm-up of a fraction of an epoch", () => {
    expect(rates({ type: "constant", warmup_epochs: 0.5 }, 1, 4)).toEqual([0.5, 1, 1, 1]);
  });

  it("begins one cycle at the base rate where its rise is the first step alone", () => {
    // A quarter of 4 steps; then ½(1 + cos(π·k/3)), and the end at 1/(25·10,000).
    const all = rates({ type: "one_cycle", pct_start: 0.25 }, 4, 1);
    expect(all).toEqual([1, 0.75, 0.25, 4e-6].map((rate) => expect.closeTo(rate, 5)));
  });

  it("refuses a warm-up as long as the training, and steps of no epochs", () => {
    expect(() => checkSchedule({ type: "cosine", warmup_epochs: 3 }, 3)).toThrow("warmup_epochs in [0, 3), got 3");
    expect(() => checkSchedule({ type: "step", every_epochs: 0 }, 3)).toThrow("every_epochs");
  });
});
