// How much a list of operations computes, known from the shapes: the multiply-adds of its products, which all else follows.
import type { Operation, OperationKind, OperationOf } from "./operations.ts";
import { elementCount } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

type Work = { readonly [Kind in OperationKind]?: (operation: OperationOf<Kind>) => number };

const WORK: Work = {
  gemm_nn: ({ b, c }) => elementCount(c) * b.shape[0],
  gemm_nt: ({ b, c }) => elementCount(c) * b.shape[1],
  gemm_tn: ({ a, c }) => elementCount(a) * c.shape[1],
  batched_nn: ({ b, c }) => elementCount(c) * b.shape[0],
  batched_nt: ({ b, c }) => elementCount(c) * b.shape[1],
  batched_tn: ({ a, c }) => elementCount(a) * c.shape[1],
  conv2d: ({ W, y }) => elementCount(y) * windowSize(W),
  conv2d_input_gradient: ({ W, dy }) => elementCount(dy) * windowSize(W),
  conv2d_weight_gradient: ({ dW, dy }) => elementCount(dy) * windowSize(dW),
  simple_rnn: ({ gates, U }) => elementCount(gates) * U.shape[0],
  simple_rnn_backward: ({ gates, U }) => elementCount(gates) * U.shape[0],
  lstm: ({ gates, U }) => elementCount(gates) * U.shape[0],
  lstm_backward: ({ gates, U }) => elementCount(gates) * U.shape[0],
  gru: ({ gates, U }) => elementCount(gates) * U.shape[0],
  gru_backward: ({ gates, U }) => elementCount(gates) * U.shape[0],
};

/** Multiply-adds of the operations at full batch capacity; those of kinds that do little are not counted. */
export function multiplyAdds(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => {
    const workOf = WORK[operation.kind] as ((operation: Operation) => number) | undefined;
    return sum + (workOf?.(operation) ?? 0);
  }, 0);
}

/** Products behind one output of a convolution with W (kh,kw,C,O): kh·kw·C. */
function windowSize({ rowSize, shape }: Tensor): number {
  return rowSize / shape[3];
}
