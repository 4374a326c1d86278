// Forecaster of a time series: the next values from a window of rows. Zhang, "Time series forecasting using a hybrid ARIMA
// and neural network model", 2003; tcn: Bai, Kolter & Koltun, 2018.
//   forecast = a linear autoregression on the whole window + a network that learns what the line leaves, trained together
// Where nothing but the line is in the data, the network has only to be silent.
import type { z } from "zod";
import type { forecaster as forecasterSchema } from "../contract/architectures/series.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { outputLayer } from "./head.ts";

type Parameters = z.output<typeof forecasterSchema>;

export const forecaster: ArchitectureDefinition<Parameters> = {
  type: "forecaster",
  title: "Forecaster",
  source: "Zhang, 2003; Bai, Kolter & Koltun, 2018",
  example: {
    name: "waves",
    architecture: { type: "forecaster" },
    dataset: {
      rows: Array.from({ length: 200 }, (_, t) => ({ t, level: Math.round(100 * Math.sin(t / 4)) / 100 })),
      target: "level",
      window: { length: 12 },
      split: { time: "t" },
    },
    hyperparameters: { epochs: 20 },
  },
  defaults: {
    hyperparameters: {
      batch_size: 32,
      optimizer: { type: "adam", learning_rate: 0.001 },
      schedule: { type: "cosine" },
      gradient_clip: { norm: 1 },
    },
  },
  check(_parameters, { inputShape }) {
    if (inputShape.length === 2) return [];
    return [
      {
        pointer: "/dataset/window",
        code: "needs_window",
        detail: `forecaster reads windows, [rows,numbers], but a row of this data is [${inputShape.join(",")}].`,
        hint: 'Add "window": {"length": 24} and, where a column gives the order, "split": {"time": "…"}.',
      },
    ];
  },
  build(parameters, _inputShape, head) {
    // Both begin at zero: what is forecast before training is the mean, not noise of the whole window.
    const output = { ...outputLayer(head), initializer: "zeros" as const };
    const layers = [...readers[parameters.cell](parameters), output];
    return { layers: [{ type: "residual", layers, projection: [{ type: "flatten" }, output] }] };
  },
};

/** What reads the window, up to a vector. */
const readers: Record<Parameters["cell"], (parameters: Parameters) => LayerSpec[]> = {
  mlp: ({ units, layers, dropout }) => [
    { type: "flatten" },
    ...repeated(layers, () => [{ type: "dense", units, activation: "relu" }, ...dropped(dropout)]),
  ],
  lstm: (parameters) => recurrent("lstm", parameters),
  gru: (parameters) => recurrent("gru", parameters),
  // Residual blocks of two causal convolutions, each block twice as dilated as the one below. The paper's output sees the
  // last step alone, and its weights are normalised.
  tcn: ({ units, layers, dropout }) => [
    ...repeated(layers, (index) => {
      const convolution: LayerSpec[] = [
        { type: "conv1d", filters: units, kernel_size: 3, dilation: 2 ** index, padding: "causal", activation: "relu" },
        ...(dropout > 0 ? [{ type: "spatial_dropout" as const, rate: dropout }] : []),
      ];
      const projection: LayerSpec[] = index > 0 ? [] : [{ type: "conv1d", filters: units, kernel_size: 1 }];
      return [{ type: "residual", layers: [...convolution, ...convolution], projection, activation: "relu" }];
    }),
    { type: "flatten" },
  ],
};

function recurrent(type: "lstm" | "gru", { units, layers, dropout }: Parameters): LayerSpec[] {
  return repeated(layers, (index) => [{ type, units, return_sequences: index < layers - 1 }, ...dropped(dropout)]);
}

function repeated(count: number, make: (index: number) => LayerSpec[]): LayerSpec[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat();
}

const dropped = (rate: number): LayerSpec[] => (rate > 0 ? [{ type: "dropout", rate }] : []);
