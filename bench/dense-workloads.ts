// W1 to W4 and W9: dense networks, from XOR to three million parameters, and prediction with the one for digits.
import type { LayerSpec } from "../src/engine/layers/catalogue.ts";
import { classRows, POOL, samplesPerSecond } from "./workload.ts";
import type { TrainingWorkload, Workload } from "./workload.ts";

const relu = (units: number): LayerSpec => ({ type: "dense", units, activation: "relu" });
const MLP: Pick<TrainingWorkload, "input" | "layers" | "loss"> = {
  input: [784],
  layers: [relu(128), { type: "dense", units: 10 }],
  loss: "cross_entropy",
};

export const DENSE_WORKLOADS: Readonly<Record<string, Workload>> = {
  W1: {
    kind: "training",
    input: [2],
    layers: [
      { type: "dense", units: 2, activation: "sigmoid" },
      { type: "dense", units: 1, activation: "sigmoid" },
    ],
    loss: "mean_squared_error",
    optimizer: { type: "sgd" },
    learningRate: 0.5,
    batch: 4,
    epochs: 10_000,
    data: () => ({
      inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1),
      targets: Float32Array.of(0, 1, 1, 0),
      rows: 4,
    }),
    figure: (seconds, { epochs }) => (seconds / epochs) * 1e6,
    unit: "us/step",
  },
  W2: {
    kind: "training",
    input: [4],
    layers: [relu(16), { type: "dense", units: 3 }],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    learningRate: 0.01,
    batch: 16,
    epochs: 200,
    data: () => classRows(150, 4, 3),
    figure: (seconds) => seconds,
    unit: "s/200 epochs",
  },
  W3: {
    kind: "training",
    ...MLP,
    optimizer: { type: "sgd", momentum: 0.9 },
    learningRate: 0.01,
    batch: 64,
    epochs: 5,
    data: () => classRows(POOL, 784, 10),
    figure: samplesPerSecond,
    unit: "samples/s",
  },
  W4: {
    kind: "training",
    input: [784],
    layers: [relu(1024), relu(1024), { type: "dense", units: 10 }],
    loss: "cross_entropy",
    optimizer: { type: "adam" },
    learningRate: 1e-3,
    batch: 128,
    epochs: 1,
    data: () => classRows(POOL, 784, 10),
    figure: samplesPerSecond,
    unit: "samples/s",
  },
  "W9-predict1": {
    kind: "prediction",
    ...MLP,
    rows: 1,
    calls: 2_000,
    figure: (seconds, { calls }) => (seconds / calls) * 1e6,
    unit: "us/call",
  },
  "W9-predict1024": {
    kind: "prediction",
    ...MLP,
    rows: 1_024,
    calls: 50,
    figure: (seconds, { rows, calls }) => (rows * calls) / seconds,
    unit: "rows/s",
  },
};
