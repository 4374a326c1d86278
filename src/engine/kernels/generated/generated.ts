// The generated kernels: a list of operations becomes one WebAssembly module whose function runs them all, with shapes,
// strides and addresses baked in. The tensors lie in WebAssembly memory, followed by the working memory of each thread:
// the scalars of a step, then scratch, as much as the operations ask for. Operations without an emitter run in the
// reference kernels, on the same memory, in their place in the list.
import { EngineError } from "../../engine-error.ts";
import type { Memory } from "../../memory.ts";
import { rowsEachOf } from "../../operations.ts";
import type { Operation, OperationKind } from "../../operations.ts";
import type { Block, Call, Kernels, Step } from "../kernels.ts";
import { createReferenceKernels } from "../reference/reference.ts";
import type { Tensor } from "../../tensor.ts";
import type { Local } from "../wasm/function-builder.ts";
import { i32 } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import { ModuleBuilder } from "../wasm/module-builder.ts";
import { webAssembly } from "../wasm/web-assembly.ts";
import type { WasmMemory } from "../wasm/web-assembly.ts";
import { ACTIVATION_EMITTERS } from "./activations.ts";
import { AVERAGING_EMITTERS } from "./averaging.ts";
import { ADDITIVE_SCORE_EMITTERS } from "./additive-scores.ts";
import { BATCHED_PRODUCT_EMITTERS } from "./batched-products.ts";
import { NORMALISATION_EMITTERS } from "./batch-norm.ts";
import { CLIPPING_EMITTERS } from "./clipping.ts";
import { CONCATENATION_EMITTERS } from "./concatenation.ts";
import { CROSS_ENTROPY_EMITTERS } from "./cross-entropy.ts";
import { DROPOUT_EMITTERS } from "./dropout.ts";
import { ELEMENT_EMITTERS } from "./elements.ts";
import { EMBEDDING_EMITTERS } from "./embedding.ts";
import type { Arithmetic, Emission, Emitters } from "./emission.ts";
import { GEMM_EMITTERS } from "./gemm.ts";
import { GRU_EMITTERS } from "./gru.ts";
import { CONVOLUTION_EMITTERS } from "./images/convolution.ts";
import { POOLING_EMITTERS } from "./images/pooling.ts";
import { LAYER_NORM_EMITTERS } from "./layer-norm.ts";
import { LOCAL_RESPONSE_NORM_EMITTERS } from "./local-response-norm.ts";
import { LOSS_ADJUSTMENT_EMITTERS } from "./loss-adjustments.ts";
import { LOSS_EMITTERS } from "./losses.ts";
import { LSTM_EMITTERS } from "./lstm.ts";
import { OPTIMIZER_EMITTERS } from "./optimizers.ts";
import { replaceClearing } from "./overwriting.ts";
import { PADDING_EMITTERS } from "./padding.ts";
import { SIMPLE_RNN_EMITTERS } from "./simple-rnn.ts";
import { SOFTMAX_EMITTERS } from "./softmax.ts";
import { createStepScalars, SCALAR_BYTES } from "./step-scalars.ts";
import type { StepScalars } from "./step-scalars.ts";
import { createEpochLoop, epochLoopBytes } from "./tiny/epoch-loop.ts";

/** Kinds the reference kernels run: too rare or too cheap to generate. */
export const REFERENCE_KINDS = [
  "misclassification",
  "mix_classes",
  "ctc",
  "ctc_gradient",
  "gradient_norm",
  "mark_active",
] as const;

const EMITTERS: Emitters<Exclude<OperationKind, (typeof REFERENCE_KINDS)[number]>> = {
  ...GEMM_EMITTERS,
  ...BATCHED_PRODUCT_EMITTERS,
  ...ELEMENT_EMITTERS,
  ...CONVOLUTION_EMITTERS,
  ...POOLING_EMITTERS,
  ...NORMALISATION_EMITTERS,
  ...LAYER_NORM_EMITTERS,
  ...LOCAL_RESPONSE_NORM_EMITTERS,
  ...ACTIVATION_EMITTERS,
  ...SOFTMAX_EMITTERS,
  ...CROSS_ENTROPY_EMITTERS,
  ...DROPOUT_EMITTERS,
  ...EMBEDDING_EMITTERS,
  ...ADDITIVE_SCORE_EMITTERS,
  ...PADDING_EMITTERS,
  ...CONCATENATION_EMITTERS,
  ...SIMPLE_RNN_EMITTERS,
  ...LSTM_EMITTERS,
  ...GRU_EMITTERS,
  ...LOSS_EMITTERS,
  ...LOSS_ADJUSTMENT_EMITTERS,
  ...CLIPPING_EMITTERS,
  ...OPTIMIZER_EMITTERS,
  ...AVERAGING_EMITTERS,
};

/** The kinds that are generated. */
export const GENERATED_KINDS = Object.keys(EMITTERS) as readonly OperationKind[];

/** The last vector of a row is loaded as a whole: so much may be read beyond the end of scratch memory. */
const SLACK_BYTES = 16;

const PAGE = 65536;
/** WebAssembly addresses have 32 bits. */
const MOST_BYTES = 2 ** 32 - PAGE;

/** Float32 kernels; `tier` is recorded with every result. */
export function createGeneratedKernels(tier: string, arithmetic: Arithmetic): Kernels {
  const reference = createReferenceKernels("float32");
  /** Known lists, because learning their size takes as long as writing their code. */
  const sizes = new WeakMap<readonly Operation[], number>();

  return {
    name: `${tier}-float32`,
    precision: "float32",
    workingBytes(operations) {
      const bytes = sizes.get(operations) ?? SCALAR_BYTES + scratchFor(operations, arithmetic) + SLACK_BYTES;
      sizes.set(operations, bytes);
      return bytes;
    },
    mostBytes: MOST_BYTES,
    blockBytes: (bytes) => pagesFor(bytes) * PAGE,
    allocate(bytes, shared = false): Block {
      if (bytes > MOST_BYTES) {
        throw new EngineError("invalid_combination", {
          op: "allocate",
          expected: `at most ${MOST_BYTES} bytes of network`,
          got: `${bytes} bytes`,
          hint: 'Use a smaller batch or network, or "precision":"float64", which has no such limit.',
        });
      }
      const pages = pagesFor(bytes);
      return new webAssembly.Memory({ initial: pages, maximum: pages, shared });
    },
    bind(operations, memory) {
      const wasm = memory.block;
      if (!(wasm instanceof webAssembly.Memory)) throw new Error(`${tier} kernels work only on WebAssembly memory`);
      const { operations: kept, writers } = replaceClearing(operations);
      const calls = runsOf(kept).map((run) =>
        isGenerated(run[0]) ? generate(run, memory, wasm, arithmetic, writers) : reference.bind(run, memory),
      );
      if (calls.length === 1) return calls[0];
      return (step) => {
        for (let i = 0; i < calls.length; i++) calls[i](step);
      };
    },
    bindEpochs: (training) => createEpochLoop(training, arithmetic.fused),
    epochBytes: epochLoopBytes,
  };
}

function pagesFor(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PAGE));
}

function isGenerated(operation: Operation): boolean {
  return operation.kind in EMITTERS;
}

/** The list cut where generated and other operations meet. */
function runsOf(operations: readonly Operation[]): Operation[][] {
  const runs: Operation[][] = [];
  for (const operation of operations) {
    const last = runs.at(-1);
    if (last !== undefined && isGenerated(last[0]) === isGenerated(operation)) last.push(operation);
    else runs.push([operation]);
  }
  return runs;
}

function generate(
  operations: readonly Operation[],
  memory: Memory,
  wasm: WasmMemory,
  arithmetic: Arithmetic,
  writers: ReadonlySet<object>,
): Call {
  const scalars = createStepScalars(memory.buffer, memory.working);
  const module = emit(operations, arithmetic, {
    scalars,
    scratch: () => memory.working + SCALAR_BYTES,
    address: (tensor) => memory.offset(tensor),
    overwrites: (operation) => writers.has(operation),
  });
  const { run } = module.instantiate(wasm);
  return (step: Step) => {
    scalars.update(step);
    run(step.rows, step.batchRows);
  };
}

/** The most scratch memory that one of the operations asks for: they are emitted once to learn it, for no memory at all. */
function scratchFor(operations: readonly Operation[], arithmetic: Arithmetic): number {
  let most = 0;
  emit(operations.filter(isGenerated), arithmetic, {
    scalars: createStepScalars(new ArrayBuffer(SCALAR_BYTES), 0),
    scratch(bytes) {
      most = Math.max(most, bytes);
      return 0;
    },
    address: () => 0,
    overwrites: () => false,
  });
  return most;
}

interface Surroundings extends Pick<Emission, "scratch" | "overwrites"> {
  readonly scalars: StepScalars;
  address(tensor: Tensor): number;
}

/** A module whose function `run`, of the rows and those of the whole batch, runs the operations. */
function emit(
  operations: readonly Operation[],
  arithmetic: Arithmetic,
  { scalars, scratch, address, overwrites }: Surroundings,
): ModuleBuilder {
  const module = new ModuleBuilder();
  module.function(
    ["i32", "i32"],
    (f) => {
      const [rows, batchRows] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
      const countIn =
        (all: I32) =>
        ({ perRow, rowSize }: Tensor): I32 =>
          perRow ? i32.mul(all, i32.const(rowSize)) : i32.const(rowSize);
      const emissionFor = (own: Local<"i32">, ownBatch: Local<"i32">): Emission => ({
        module,
        f,
        rows: own,
        batchRows: ownBatch,
        arithmetic,
        scratch,
        address: (tensor) => i32.const(address(tensor)),
        count: countIn(own),
        batchCount: countIn(ownBatch),
        scalar: scalars.scalar,
        word: scalars.word,
        overwrites,
      });
      const emissions = new Map([[1, emissionFor(rows, batchRows)]]);
      for (const operation of operations) {
        const write = EMITTERS[operation.kind as keyof typeof EMITTERS] as (o: Operation, e: Emission) => void;
        const rowsEach = rowsEachOf(operation);
        if (!emissions.has(rowsEach)) {
          const times = (count: I32): Local<"i32"> => f.local("i32", i32.mul(count, i32.const(rowsEach)));
          emissions.set(rowsEach, emissionFor(times(rows), times(batchRows)));
        }
        write(operation, emissions.get(rowsEach)!);
      }
    },
    "run",
  );
  return module;
}
