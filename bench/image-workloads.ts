// Networks for images, as the peers' script defines them: LeNet on 28 × 28 × 1, ResNet-20 on 32 × 32 × 3.
import type { LayerSpec } from "../src/engine/layers/catalogue.ts";
import { classRows, samplesPerSecond } from "./workload.ts";
import type { Workload } from "./workload.ts";

const conv = (filters: number, padding: number): LayerSpec => ({
  type: "conv2d",
  filters,
  kernel_size: 5,
  padding,
  activation: "relu",
});
const pool: LayerSpec = { type: "max_pool2d", pool_size: 2 };
const relu = (units: number): LayerSpec => ({ type: "dense", units, activation: "relu" });

/** LeCun, Bottou, Bengio & Haffner, 1998, with relu and max pooling. */
export const LENET: readonly LayerSpec[] = [
  conv(6, 2),
  pool,
  conv(16, 0),
  pool,
  { type: "flatten" },
  relu(120),
  relu(84),
  { type: "dense", units: 10 },
];

export const IMAGE_WORKLOADS: Readonly<Record<string, Workload>> = {
  W5: {
    kind: "training",
    input: [28, 28, 1],
    layers: LENET,
    loss: "cross_entropy",
    optimizer: { type: "sgd", momentum: 0.9 },
    learningRate: 0.01,
    batch: 64,
    epochs: 1,
    data: () => classRows(6_400, 28 * 28, 10),
    figure: samplesPerSecond,
    unit: "samples/s",
  },
};
