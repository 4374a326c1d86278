// A small network of each family of layers, with rows for it: for what must hold whatever a network is made of.
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { Network } from "../../src/engine/network.ts";
import type { NetworkSpec } from "../../src/engine/plan.ts";
import { scattered } from "./construction.ts";

export interface Sample {
  readonly name: string;
  readonly spec: NetworkSpec;
  /** Inputs are whole numbers below this, or any numbers. */
  readonly tokens?: number;
}

const CLASSES = 3;
const sample = (name: string, input_shape: number[], layers: LayerSpec[], tokens?: number): Sample => ({
  name,
  spec: { input_shape, layers: [...layers, { type: "dense", units: CLASSES }] },
  ...(tokens === undefined ? {} : { tokens }),
});

/** All end in the logits of three classes. */
export const SAMPLES: readonly Sample[] = [
  sample(
    "dense layers",
    [13],
    [
      { type: "dense", units: 23, activation: "gelu" },
      { type: "dropout", rate: 0.3 },
      { type: "layer_norm" },
      { type: "dense", units: 17, activation: "tanh" },
      { type: "dense", units: 19, activation: "relu" },
    ],
  ),
  sample(
    "convolutions and pooling",
    [9, 8, 2],
    [
      { type: "conv2d", filters: 5, kernel_size: 3, padding: "same", activation: "relu" },
      { type: "max_pool2d", pool_size: 2 },
      { type: "conv2d", filters: 6, kernel_size: 3, stride: 2, padding: 1, activation: "tanh" },
      { type: "average_pool2d", pool_size: 2 },
      { type: "flatten" },
    ],
  ),
  sample(
    "recurrent layers over embedded tokens",
    [6],
    [
      { type: "embedding", vocabulary: 7, units: 5 },
      { type: "gru", units: 6, return_sequences: true },
      { type: "layer_norm" },
      { type: "simple_rnn", units: 7, return_sequences: true },
      { type: "lstm", units: 5 },
    ],
    7,
  ),
  sample(
    "branches and two directions over embedded tokens",
    [6],
    [
      { type: "embedding", vocabulary: 7, units: 5 },
      {
        type: "parallel",
        branches: [
          [{ type: "conv1d", filters: 6, kernel_size: 3, activation: "relu" }, { type: "global_max_pool" }],
          [{ type: "bidirectional", layer: { type: "gru", units: 4 } }],
        ],
      },
      { type: "dropout", rate: 0.3 },
    ],
    7,
  ),
  sample(
    "self-attention over positions of embedded tokens",
    [6],
    [
      { type: "embedding", vocabulary: 7, units: 6 },
      { type: "positions" },
      { type: "residual", layers: [{ type: "layer_norm" }, { type: "multi_head_attention", heads: 2 }] },
      { type: "global_average_pool" },
    ],
    7,
  ),
  sample(
    "convolutions of each frame, normalised and dropped, before a recurrent layer",
    [3, 4, 5, 4],
    [
      {
        type: "time_distributed",
        layer: { type: "conv2d", filters: 6, kernel_size: 3, groups: 2, activation: "relu" },
      },
      { type: "local_response_norm", alpha: 0.1 },
      { type: "spatial_dropout", rate: 0.2 },
      { type: "time_distributed", layer: { type: "dropout", rate: 0.2 } },
      { type: "time_distributed", layer: { type: "flatten" } },
      { type: "lstm", units: 6, recurrent_dropout: 0.3, return_sequences: true },
      { type: "bidirectional", layer: { type: "gru", units: 4, recurrent_dropout: 0.3 } },
    ],
  ),
  sample(
    "encoder and decoder with attention",
    [9],
    [{ type: "encoder_decoder", source_vocabulary: 5, target_vocabulary: 5, source_length: 4, units: 6 }],
    5,
  ),
  sample(
    "encoder from both ends and decoder with attention",
    [9],
    [
      {
        type: "encoder_decoder",
        source_vocabulary: 5,
        target_vocabulary: 5,
        source_length: 4,
        units: 6,
        bidirectional: true,
      },
    ],
    5,
  ),
];

/** Fills inputs and targets with rows that depend on `seed` alone. */
export function fill(network: Network, { tokens }: Sample, seed: number): void {
  const values = scattered(network.inputs.length, seed);
  network.inputs.set(tokens === undefined ? values : values.map((value) => Math.floor((tokens * (value + 1)) / 2)));
  network.targets.forEach((_, i) => (network.targets[i] = (i * seed) % CLASSES));
}
