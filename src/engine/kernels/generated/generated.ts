// The generated kernels: a list of operations becomes one WebAssembly module whose function runs them all, with shapes,
// strides and addresses baked in. The arena lies in WebAssembly memory, followed by the scalars of a step and scratch
// memory. Operations without an emitter run in the reference kernels, on the same memory, in their place in the list.
import { EngineError } from "../../engine-error.ts";
import type { Memory } from "../../memory.ts";
import type { Operation, OperationKind } from "../../operations.ts";
import { tensorsOf } from "../../operations.ts";
import type { Tensor } from "../../tensor.ts";
import type { Call, Kernels, Step } from "../kernels.ts";
import { createReferenceKernels } from "../reference/reference.ts";
import { i32 } from "../wasm/instructions.ts";
import { ModuleBuilder } from "../wasm/module-builder.ts";
import { webAssembly } from "../wasm/web-assembly.ts";
import type { WasmMemory } from "../wasm/web-assembly.ts";
import { ACTIVATION_EMITTERS } from "./activations.ts";
import { CLIPPING_EMITTERS } from "./clipping.ts";
import { DROPOUT_EMITTERS } from "./dropout.ts";
import { ELEMENT_EMITTERS } from "./elements.ts";
import { SCRATCH_BYTES } from "./emission.ts";
import type { Arithmetic, Emission, Emitters } from "./emission.ts";
import { GEMM_EMITTERS } from "./gemm.ts";
import { LOSS_EMITTERS } from "./losses.ts";
import { OPTIMIZER_EMITTERS } from "./optimizers.ts";
import { replaceClearing } from "./overwriting.ts";
import { SOFTMAX_EMITTERS } from "./softmax.ts";
import { createStepScalars, SCALAR_BYTES } from "./step-scalars.ts";

/** Kinds the reference kernels run: too rare or too cheap to generate. */
export const REFERENCE_KINDS = ["misclassification"] as const;

const EMITTERS: Emitters<Exclude<OperationKind, (typeof REFERENCE_KINDS)[number]>> = {
  ...GEMM_EMITTERS,
  ...ELEMENT_EMITTERS,
  ...ACTIVATION_EMITTERS,
  ...SOFTMAX_EMITTERS,
  ...DROPOUT_EMITTERS,
  ...LOSS_EMITTERS,
  ...CLIPPING_EMITTERS,
  ...OPTIMIZER_EMITTERS,
};

/** Kinds that keep a row in scratch memory; one that is too long for it also goes to the reference. */
const ROW_IN_SCRATCH: ReadonlySet<OperationKind> = new Set(["softmax_backward", "error_loss", "sigmoid_cross_entropy"]);

const PAGE = 65536;
/** WebAssembly addresses have 32 bits. */
const MOST_BYTES = 2 ** 32 - PAGE;
const EXTRA_BYTES = SCALAR_BYTES + SCRATCH_BYTES;

/** Float32 kernels; `tier` is recorded with every result. */
export function createGeneratedKernels(tier: string, arithmetic: Arithmetic): Kernels {
  const reference = createReferenceKernels("float32");
  const memories = new WeakMap<ArrayBufferLike, WasmMemory>();

  return {
    name: `${tier}-float32`,
    precision: "float32",
    allocate(bytes) {
      const needed = bytes + EXTRA_BYTES;
      if (needed > MOST_BYTES) {
        const got = `${bytes} bytes`;
        throw new EngineError("invalid_combination", {
          op: "allocate",
          expected: `at most ${MOST_BYTES - EXTRA_BYTES} bytes of network`,
          got,
          hint: 'Use a smaller batch or network, or "precision":"float64", which has no such limit.',
        });
      }
      const pages = Math.ceil(needed / PAGE);
      const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
      memories.set(memory.buffer, memory);
      return memory.buffer;
    },
    bind(operations, memory) {
      const wasm = memories.get(memory.buffer);
      if (wasm === undefined) throw new Error(`${tier} kernels work only on memory they allocated`);
      const { operations: kept, writers } = replaceClearing(operations);
      const calls = runsOf(kept).map((run) =>
        isGenerated(run[0]) ? generate(run, memory, wasm, arithmetic, writers) : reference.bind(run, memory),
      );
      if (calls.length === 1) return calls[0];
      return (step) => {
        for (let i = 0; i < calls.length; i++) calls[i](step);
      };
    },
  };
}

function isGenerated(operation: Operation): boolean {
  const fits = (tensor: Tensor): boolean => 4 * tensor.rowSize <= SCRATCH_BYTES;
  return operation.kind in EMITTERS && (!ROW_IN_SCRATCH.has(operation.kind) || tensorsOf(operation).every(fits));
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
  const end = memory.buffer.byteLength;
  const scalars = createStepScalars(memory.buffer, end - EXTRA_BYTES);
  const module = new ModuleBuilder();
  module.function(
    ["i32"],
    (f) => {
      const rows = f.parameter(0, "i32");
      const emission: Emission = {
        module,
        f,
        rows,
        arithmetic,
        scratch: end - SCRATCH_BYTES,
        address: (tensor) => i32.const(memory.offset(tensor)),
        count: ({ perRow, rowSize }) => (perRow ? i32.mul(rows, i32.const(rowSize)) : i32.const(rowSize)),
        scalar: scalars.scalar,
        word: scalars.word,
        overwrites: (operation) => writers.has(operation),
      };
      for (const operation of operations) {
        const emit = EMITTERS[operation.kind as keyof typeof EMITTERS] as (o: Operation, e: Emission) => void;
        emit(operation, emission);
      }
    },
    "run",
  );
  const { run } = module.instantiate(wasm);
  return (step: Step) => {
    scalars.update(step);
    run(step.rows);
  };
}
