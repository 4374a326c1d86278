// The reference kernels: plain loops, float32 or float64 from one source. They are the oracle of every faster set.
import type { Memory } from "../../memory.ts";
import { rowsEachOf } from "../../operations.ts";
import type { Operation, OperationKind } from "../../operations.ts";
import type { Precision } from "../../tensor.ts";
import type { Call, Kernels, Step } from "../kernels.ts";
import { activationKernels } from "./activations.ts";
import { averagingKernels } from "./averaging.ts";
import { additiveScoreKernels } from "./additive-scores.ts";
import { batchedProductKernels } from "./batched-products.ts";
import { clippingKernels } from "./clipping.ts";
import { concatenationKernels } from "./concatenation.ts";
import { convolutionKernels } from "./convolution.ts";
import { ctcKernels } from "./ctc.ts";
import { diagnosticKernels } from "./diagnostics.ts";
import { dropoutKernels } from "./dropout.ts";
import { elementKernels } from "./elements.ts";
import { embeddingKernels } from "./embedding.ts";
import { roundTo } from "./family.ts";
import type { Family } from "./family.ts";
import { gemmKernels } from "./gemm.ts";
import { gruKernels } from "./gru.ts";
import { layerNormKernels } from "./layer-norm.ts";
import { localResponseNormKernels } from "./local-response-norm.ts";
import { lossAdjustmentKernels } from "./loss-adjustments.ts";
import { lossKernels } from "./losses.ts";
import { lstmKernels } from "./lstm.ts";
import { normalisationKernels } from "./normalisation.ts";
import { optimizerKernels } from "./optimizers.ts";
import { paddingKernels } from "./padding.ts";
import { simpleRnnKernels } from "./simple-rnn.ts";
import { poolingKernels } from "./pooling.ts";
import { softmaxKernels } from "./softmax.ts";

export function createReferenceKernels(precision: Precision): Kernels {
  const round = roundTo(precision);
  const table: Family<OperationKind> = {
    ...gemmKernels(round),
    ...batchedProductKernels(round),
    ...elementKernels(round),
    ...convolutionKernels(round),
    ...poolingKernels(round),
    ...normalisationKernels(round),
    ...layerNormKernels(round),
    ...localResponseNormKernels(round),
    ...activationKernels(round),
    ...softmaxKernels(round),
    ...dropoutKernels(round),
    ...embeddingKernels(round),
    ...additiveScoreKernels(round),
    ...paddingKernels(round),
    ...concatenationKernels(),
    ...simpleRnnKernels(round),
    ...lstmKernels(round),
    ...gruKernels(round),
    ...lossKernels(round),
    ...ctcKernels(round),
    ...lossAdjustmentKernels(round),
    ...clippingKernels(round),
    ...optimizerKernels(round),
    ...averagingKernels(round),
    ...diagnosticKernels(round),
  };
  const bindOne = (operation: Operation, memory: Memory): Call => {
    const bind = table[operation.kind] as (operation: Operation, memory: Memory) => Call;
    const call = bind(operation, memory);
    const rowsEach = rowsEachOf(operation);
    return rowsEach === 1 ? call : withRows(call, rowsEach);
  };

  return {
    name: `reference-${precision}`,
    precision,
    workingBytes: () => 0,
    mostBytes: Infinity,
    blockBytes: (bytes) => bytes,
    allocate: (bytes, shared = false) => ({ buffer: shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes) }),
    bind(operations, memory) {
      const calls = operations.map((operation) => bindOne(operation, memory));
      return (step) => {
        for (let i = 0; i < calls.length; i++) calls[i](step);
      };
    },
  };
}

/** A call for `rowsEach` rows in the place of each row of the step. */
function withRows(call: Call, rowsEach: number): Call {
  const own: Step = { rows: 0, batchRows: 0, firstRow: 0, learningRate: 0, number: 0, seed: 0 };
  return (step) => {
    Object.assign(own, step);
    own.rows = step.rows * rowsEach;
    own.batchRows = step.batchRows * rowsEach;
    own.firstRow = step.firstRow * rowsEach;
    call(own);
  };
}
