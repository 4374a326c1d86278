import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { EpochReport } from "../../src/engine/epoch-reports.ts";
import type { TrainOptions } from "../../src/engine/train.ts";
import { train } from "../../src/engine/train.ts";
import { build, dataOf } from "./construction.ts";

// y = w·x, trained towards w = 1 and validated against w = ½: the validation loss falls until w passes ½, then rises.
const data = { train: dataOf([[[1], [1]]]), validation: dataOf([[[1], [0.5]]]) };
const options: TrainOptions = { epochs: 50, batchSize: 1, shuffle: false, seed: 1, learningRate: 0.05 };
const network = () =>
  build({
    input: [1],
    layers: [{ type: "dense", units: 1 }],
    loss: "half_squared_error",
    given: [{ weights: [[0]], bias: [0] }],
  });

function run(earlyStopping: Partial<NonNullable<TrainOptions["earlyStopping"]>>, epochs = 50) {
  const reports: EpochReport[] = [];
  const spec = { patience: 3, minDelta: 0, restoreBest: true, ...earlyStopping };
  const stopped = network();
  const outcome = train(
    stopped,
    data,
    { ...options, epochs, earlyStopping: spec },
    {
      afterEpoch: (report) => void reports.push(report),
    },
  );
  return { outcome, losses: reports.map(({ validation_loss }) => validation_loss!), network: stopped };
}

describe("early stopping", () => {
  it("ends the training once the validation loss has not fallen for `patience` epochs, with the weights of the best", () => {
    const { outcome, losses, network: best } = run({});
    const least = Math.min(...losses);
    const epoch = losses.indexOf(least) + 1;
    expect(outcome).toMatchObject({ kind: "stopped_early", epoch: epoch + 3 });
    expect(outcome.state.progress.best).toEqual({ epoch, loss: least });
    expect(evaluate(best, data.validation).loss).toBe(least);
  });

  it("keeps the last weights when asked to", () => {
    const { losses, network: last } = run({ restoreBest: false });
    expect(evaluate(last, data.validation).loss).toBe(losses.at(-1));
  });

  it("puts the best weights back too when all epochs have passed", () => {
    const { outcome, losses, network: best } = run({ patience: 50 }, 12);
    expect(outcome.kind).toBe("completed");
    expect(losses.at(-1)).toBeGreaterThan(Math.min(...losses));
    expect(evaluate(best, data.validation).loss).toBe(Math.min(...losses));
  });

  it("counts only what falls by more than min_delta", () => {
    // The loss is at most ½·½² at the start and can fall by no more than that.
    expect(run({ minDelta: 1 }).outcome).toMatchObject({ kind: "stopped_early", epoch: 4 });
  });

  it("needs validation rows, and a patience", () => {
    const spec = { patience: 0, minDelta: 0, restoreBest: true };
    expect(() => train(network(), data, { ...options, earlyStopping: spec })).toThrow("patience an integer ≥ 1");
    const alone = { train: data.train };
    expect(() => train(network(), alone, { ...options, earlyStopping: { ...spec, patience: 1 } })).toThrow(
      "expected validation rows, got none",
    );
  });
});
