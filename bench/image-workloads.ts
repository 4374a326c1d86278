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

const batchNorm: LayerSpec = { type: "batch_norm" };
const reluLayer: LayerSpec = { type: "activation", activation: "relu" };
const plain = (filters: number, size: number, stride: number): LayerSpec => ({
  type: "conv2d",
  filters,
  kernel_size: size,
  stride,
  padding: size === 1 ? 0 : 1,
  use_bias: false,
});

/** Two convolutions beside the identity, or beside one of single pixels where the image becomes smaller. */
function block(filters: number, stride: number): LayerSpec {
  return {
    type: "residual",
    layers: [plain(filters, 3, stride), batchNorm, reluLayer, plain(filters, 3, 1), batchNorm],
    ...(stride === 1 ? {} : { projection: [plain(filters, 1, stride), batchNorm] }),
    activation: "relu",
  };
}

/** He, Zhang, Ren & Sun, 2016, for 32 × 32 pixels. */
export const RESNET_20: readonly LayerSpec[] = [
  plain(16, 3, 1),
  batchNorm,
  reluLayer,
  ...[16, 32, 64].flatMap((filters) => [block(filters, filters === 16 ? 1 : 2), block(filters, 1), block(filters, 1)]),
  { type: "global_average_pool" },
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
  W6: {
    kind: "training",
    input: [32, 32, 3],
    layers: RESNET_20,
    loss: "cross_entropy",
    optimizer: { type: "sgd", momentum: 0.9 },
    learningRate: 0.05,
    batch: 64,
    epochs: 1,
    data: () => classRows(1_280, 32 * 32 * 3, 10),
    figure: samplesPerSecond,
    unit: "samples/s",
  },
};
