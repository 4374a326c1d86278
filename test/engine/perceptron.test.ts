import { describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/engine/checkpoint.ts";
import type { TrainingState } from "../../src/engine/training-state.ts";
import type { EpochReport } from "../../src/engine/epoch-reports.ts";
import { train } from "../../src/engine/train.ts";
import { readParameters } from "../../src/engine/parameters.ts";
import { XOR, build, truthTable } from "./construction.ts";

// Rosenblatt, 1958. Zero weights, learning rate 1, one row at a time in the order 00, 01, 10, 11.
describe("the perceptron", () => {
  const perceptron = () =>
    build({
      input: [2],
      layers: [{ type: "dense", units: 1, initializer: "zeros" }, { type: "threshold" }],
      loss: "perceptron",
      capacity: 1,
    });
  const options = { epochs: 100, batchSize: 1, shuffle: false, seed: 0, learningRate: 1, stopWhenErrorless: true };

  it("applies w ← w + η·(t − ŷ)·x row by row, as worked by hand for AND", () => {
    // w=(0,0) b=0: 00 fires (0 ≥ 0), target 0 → b=−1. 01: −1, right. 10: −1, right. 11: −1 but target 1 → w=(1,1) b=0.
    const network = perceptron();
    const reports: EpochReport[] = [];
    const observer = { afterEpoch: (report: EpochReport) => void reports.push(report) };
    train(network, { train: truthTable([0, 0, 0, 1]) }, { ...options, epochs: 1 }, observer);
    expect(readParameters(network)).toEqual([{ weights: [[1], [1]], bias: [0] }]);
    expect(reports[0]).toMatchObject({ train_loss: 2, train_metrics: { accuracy: 0.5 } });
  });

  it.each([
    ["AND", [0, 0, 0, 1]],
    ["OR", [0, 1, 1, 1]],
    ["NAND", [1, 1, 1, 0]],
  ] as const)("converges on %s in finitely many passes, the last without an error", (_name, outputs) => {
    const reports: EpochReport[] = [];
    const observer = { afterEpoch: (report: EpochReport) => void reports.push(report) };
    const outcome = train(perceptron(), { train: truthTable([...outputs]) }, options, observer);
    expect(outcome.kind).toBe("converged");
    expect(outcome.epoch).toBeLessThan(12);
    expect(reports.at(-1)!.train_loss).toBe(0);
    expect(reports.slice(0, -1).every((report) => report.train_loss > 0)).toBe(true);
  });

  it("has still converged when it is resumed from the state after its last pass", () => {
    const states: TrainingState[] = [];
    const data = { train: truthTable([0, 0, 0, 1]) };
    const uninterrupted = train(perceptron(), data, options, {
      afterEpoch: (_report, capture) => void states.push(capture()),
    });
    const resumed = train(perceptron(), data, options, {}, decodeCheckpoint(encodeCheckpoint(states.at(-1)!)));
    expect(resumed).toEqual(uninterrupted);
  });

  it("never separates XOR: every pass makes an error and the weights go in circles", () => {
    const network = perceptron();
    const reports: EpochReport[] = [];
    const seen = new Set<string>();
    const outcome = train(network, { train: XOR }, options, {
      afterEpoch(report) {
        reports.push(report);
        seen.add(JSON.stringify(readParameters(network)));
      },
    });
    expect(outcome.kind).toBe("completed");
    expect(reports).toHaveLength(100);
    expect(reports.every((report) => report.train_loss > 0)).toBe(true);
    expect(seen.size).toBeLessThan(10);
  });
});
