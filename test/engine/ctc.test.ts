import { describe, expect, it } from "vitest";
import { transcribe } from "../../src/engine/decoding/transcribe.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { stepsNeeded } from "../../src/engine/labels.ts";
import type { Network } from "../../src/engine/network.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, golden, identityMatrix, scattered } from "./construction.ts";

/** Class probabilities of each step go straight in: their logarithms are the logits. */
function listener(steps: number, classes: number, labels: number): Network {
  return build({
    input: [steps, classes],
    layers: [{ type: "dense", units: classes, use_bias: false }],
    loss: "ctc",
    labels,
    given: [{ weights: identityMatrix(classes) }],
    capacity: 3,
  });
}

const logarithms = (steps: readonly (readonly number[])[]) => Float64Array.from(steps.flat(), Math.log);

describe("ctc", () => {
  it("has the losses and gradients of PyTorch for labels and sequences of several lengths", () => {
    interface Golden {
      inputs: number[];
      targets: number[];
      weights: number[][];
      bias: number[];
      losses: number[];
      dW: number[];
      db: number[];
    }
    const { inputs, targets, weights, bias, losses, dW, db } = golden<Golden>("ctc.json");
    const network = build({
      input: [9, 3],
      layers: [{ type: "dense", units: 5 }],
      loss: "ctc",
      labels: 4,
      given: [{ weights, bias }],
      capacity: 5,
    });
    network.inputs.set(inputs);
    network.targets.set(targets);
    network.differentiate(5);
    const gradients = network.plan.parameters.flatMap(({ gradient }) => [...network.memory.view(gradient!)]);
    const got = [...network.losses, ...gradients];
    const wanted = [...losses, ...dW, ...db];
    expect(Math.max(...got.map((value, i) => Math.abs(value - wanted[i])))).toBeLessThan(1e-12);
  });

  it("sums over all paths that stand for the labels, worked by hand", () => {
    // Two steps, blank and a: the paths aa, a–, –a stand for a; of the second row only ––  stands for nothing.
    const network = listener(2, 2, 1);
    const steps = [
      [0.6, 0.4],
      [0.3, 0.7],
    ];
    const inputs = Float64Array.from([...logarithms(steps), ...logarithms(steps)]);
    const { loss, metrics } = evaluate(network, { inputs, targets: Float64Array.from([0, 1, 0, -1]), rows: 2 });
    expect(loss).toBeCloseTo(-(Math.log(0.4 * 0.7 + 0.4 * 0.3 + 0.6 * 0.7) + Math.log(0.6 * 0.3)) / 2, 14);
    // The best path is –a: a is right, nothing is not.
    expect(metrics).toEqual({ accuracy: 0.5 });
  });

  it.each([
    [1, 1, 2, [[0, 1]]],
    [
      3,
      6,
      4,
      [
        [0, 2, 2, 1],
        [5, 3, -1, -1],
        [1, -1, -1, -1],
      ],
    ],
    [
      2,
      5,
      3,
      [
        [5, 1, 2, 1],
        [2, -1, -1, -1],
      ],
    ],
  ] as const)(
    "has the gradient of central differences, rows %i, steps %i, classes %i",
    (rows, steps, classes, targets) => {
      const network = build({
        input: [steps, 3],
        layers: [
          { type: "gru", units: 4, return_sequences: true },
          { type: "dense", units: classes },
        ],
        loss: "ctc",
        labels: targets[0].length - 1,
        seed: 3,
      });
      network.inputs.set(scattered(rows * steps * 3, 1));
      network.targets.set(targets.flat());
      expect(worstError(network, rows)).toBeLessThan(TOLERANCE);
    },
  );

  it("learns in single precision where the labels are, without being told", () => {
    // A step shows its label or nothing; labels stand at several places, the same one twice in the last row.
    const shown = [
      [0, 1, 0, 0, 2, 0],
      [3, 0, 2, 0, 0, 1],
      [0, 0, 0, 3, 0, 0],
      [1, 0, 0, 1, 0, 0],
    ];
    const network = build({
      input: [6, 4],
      layers: [{ type: "dense", units: 4 }],
      loss: "ctc",
      labels: 3,
      precision: "float32",
      optimizer: { type: "adam" },
    });
    const inputs = Float32Array.from(shown.flat().flatMap((label) => [0, 1, 2, 3].map((k) => Number(k === label))));
    const labels = shown.map((steps) => steps.filter((label) => label > 0));
    const targets = Float32Array.from(labels.flatMap((own) => [0, ...own, ...[-1, -1, -1].slice(own.length)]));
    network.inputs.set(inputs);
    network.targets.set(targets);
    for (let number = 1; number <= 150; number++) {
      Object.assign(network.step, { number, learningRate: 0.1 });
      network.trainStep(4);
    }
    expect(evaluate(network, { inputs, targets, rows: 4 }).metrics).toEqual({ accuracy: 1 });
  });

  it.each([
    [[7, 1, -1], "0 to 3 steps in row 0"],
    [[0, 0, -1], "labels from 1 to 3, then −1, in row 0"],
    [[0, 4, -1], "labels from 1 to 3, then −1, in row 0"],
    [[0, -1, 2], "labels from 1 to 3, then −1, in row 0"],
    [[2, 1, 1], "at least 3 steps for the 2 labels in row 0"],
  ])("refuses the target %j", (target, expected) => {
    const data = { inputs: new Float64Array(12), targets: Float64Array.from(target), rows: 1 };
    expect(() => evaluate(listener(3, 4, 2), data)).toThrow(expected);
  });

  it("knows how many steps labels need", () => {
    expect([[], [1], [1, 2, 1], [1, 1, 1]].map(stepsNeeded)).toEqual([0, 1, 3, 5]);
  });
});

describe("the labels that are heard", () => {
  const heard = (steps: readonly (readonly number[])[], beamWidth: number, more: object = {}) =>
    transcribe(Float64Array.from(steps.flat()), steps[0].length, { beamWidth, maxLength: 10, never: [], ...more });

  it("of the best path are its classes without repetitions and blanks", () => {
    const path = [2, 2, 0, 2, 1, 1, 0, 0, 3];
    const steps = path.map((best) => [0, 1, 2, 3].map((k) => (k === best ? 0.7 : 0.1)));
    expect(heard(steps, 1).labels).toEqual([2, 2, 1, 3]);
    expect(heard(steps, 1).logProbability).toBeCloseTo(9 * Math.log(0.7), 12);
    expect(heard(steps, 1, { maxLength: 2 }).labels).toEqual([2, 2]);
    expect(heard(steps, 1, { never: [3] }).labels).toEqual([2, 2, 1]);
  });

  it("by a beam are the likeliest, though the best path is another", () => {
    // Graves, 2012, section 7.5: –– has 0.36, but a has 0.24 + 0.24 + 0.16.
    const steps = [
      [0.6, 0.4],
      [0.6, 0.4],
    ];
    expect(heard(steps, 1).labels).toEqual([]);
    expect(heard(steps, 2).labels).toEqual([1]);
    expect(heard(steps, 2).logProbability).toBeCloseTo(Math.log(0.64), 12);
  });

  it("by a beam that is wide enough are the likeliest of all, as counted path by path", () => {
    const [steps, classes] = [5, 3];
    for (let seed = 1; seed <= 20; seed++) {
      const weights = scattered(steps * classes, seed).map((value) => Math.exp(2 * value));
      const p = weights.map((weight, i) => {
        const start = i - (i % classes);
        return weight / weights.subarray(start, start + classes).reduce((sum, one) => sum + one, 0);
      });
      const totals = new Map<string, number>();
      for (let code = 0; code < classes ** steps; code++) {
        const path = Array.from({ length: steps }, (_, step) => Math.floor(code / classes ** step) % classes);
        const labels = path.filter((label, step) => label !== 0 && label !== path[step - 1]).join(" ");
        const likely = path.reduce((product, label, step) => product * p[step * classes + label], 1);
        totals.set(labels, (totals.get(labels) ?? 0) + likely);
      }
      const [labels, likely] = [...totals].reduce((best, one) => (one[1] > best[1] ? one : best));
      const found = transcribe(p, classes, { beamWidth: 300, maxLength: steps, never: [] });
      expect([found.labels.join(" "), found.logProbability]).toEqual([labels, expect.closeTo(Math.log(likely), 10)]);
    }
  });
});
