// Matrix products in GFLOP/s. M×N×K is c (M,N) = a (M,K)·b (K,N); nt has b, and tn has a, transposed in memory. The shapes
// are those of layers' forward and backward passes, and cubes from a few tiles to more than a cache holds.
// gemm-peak is the micro-kernel alone, on one panel that stays in L1: what this tier can reach of the core's peak.
import { prepare } from "../src/engine/kernels/self-test.ts";
import type { Operation } from "../src/engine/operations.ts";
import { addTransposedTimes, matrixMultiply, timesTransposed } from "../src/engine/operations/products.ts";
import { fixedTensor, rowTensor } from "../src/engine/tensor.ts";
import type { OperationsWorkload } from "./workload.ts";

type Shape = readonly [m: number, n: number, k: number];

const CUBES: readonly Shape[] = [16, 64, 128, 256, 512, 1024].map((n) => [n, n, n]);
const LAYERS: readonly Shape[] = [
  [64, 128, 784],
  [64, 10, 128],
  [128, 1024, 1024],
];
const TALL: Shape = [6400, 16, 150];

/** A run is at least so much work: some milliseconds. */
const FLOP_PER_RUN = 2e8;
/** Twelve rows are whole tiles of four and of six; with 16 columns and 256 steps all lies in 32 KiB. */
const IN_L1: Shape = [12, 16, 256];

export const PRODUCT_WORKLOADS: Readonly<Record<string, OperationsWorkload>> = {
  "gemm-peak": workload(Array(64).fill(normal(IN_L1)), IN_L1),
  ...Object.fromEntries(
    [...CUBES, ...LAYERS, TALL].map((shape) => [nameOf("", shape), workload([normal(shape)], shape)]),
  ),
  ...Object.fromEntries(
    [CUBES[1], CUBES[3], ...LAYERS].flatMap((shape) => [
      [nameOf("nt-", shape), workload([secondTransposed(shape)], shape)],
      [nameOf("tn-", shape), workload([firstTransposed(shape)], shape, shape[2])],
    ]),
  ),
};

function nameOf(order: string, shape: Shape): string {
  return `gemm-${order}${shape.join("x")}`;
}

function normal([m, n, k]: Shape): Operation {
  return matrixMultiply(rowTensor("a", [k], m), fixedTensor("b", [k, n]), rowTensor("c", [n], m));
}

function secondTransposed([m, n, k]: Shape): Operation {
  return timesTransposed(rowTensor("a", [k], m), fixedTensor("b", [n, k]), rowTensor("c", [n], m));
}

/** Accumulates, as gradients of weights do. */
function firstTransposed([m, n, k]: Shape): Operation {
  return addTransposedTimes(rowTensor("a", [m], k), rowTensor("b", [n], k), fixedTensor("c", [m, n]));
}

function workload(operations: readonly Operation[], [m, n, k]: Shape, rows = m): OperationsWorkload {
  const flop = 2 * m * n * k * operations.length;
  const calls = Math.ceil(FLOP_PER_RUN / flop);
  return {
    kind: "operations",
    bind: (kernels) => {
      const { call, step } = prepare({ operations, rows }, kernels);
      return () => call(step);
    },
    calls,
    figure: (seconds) => (flop * calls) / seconds / 1e9,
    unit: "GFLOP/s",
  };
}
