// The loop over the epochs of a tiny network, as one WebAssembly function. Per epoch: order the rows, then step by step
// through them, adding up what metrics.ts adds up; at its end look whether everything is finite.
import { SUMS } from "../../../metrics.ts";
import { f64, i32 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import { FunctionBuilder } from "../../wasm/function-builder.ts";
import { ModuleBuilder } from "../../wasm/module-builder.ts";
import { allFinite } from "./parameters.ts";
import { emitShuffles, EPOCHS_AHEAD, orderBytes } from "./shuffle.ts";
import type { Order } from "./shuffle.ts";
import { stepEmitter } from "./step.ts";
import type { StepDescription } from "./step.ts";

export interface EpochCode {
  readonly description: StepDescription;
  readonly order: Order;
  readonly shuffle: boolean;
  readonly batchSize: number;
  /** Bytes of the sums of one epoch. */
  readonly sumBytes: number;
  /** Addresses: of the first epoch whose order stands in memory, and of the number of good epochs. */
  readonly words: { readonly arranged: number; readonly good: number };
}

/** Epochs, number of the first, its first and its end row; addresses of sums and scalars, bytes of scalars per step; low and
 * high word of the seed. */
const PARAMETERS = Array(9).fill("i32" as const);
const SCALARS = 5;

/** Points to the scalars of a step, in the loop's function. */
export const SCALARS_POINTER = new FunctionBuilder(0, PARAMETERS).parameter(SCALARS, "i32");

/** The module whose function `run` trains epochs. */
export function epochModule(code: EpochCode): ModuleBuilder {
  const module = new ModuleBuilder();
  module.function(PARAMETERS, (f) => emitEpochs(module, f, code), "run");
  return module;
}

function emitEpochs(module: ModuleBuilder, f: FunctionBuilder, code: EpochCode): void {
  const { description, order, batchSize, sumBytes, words } = code;
  const [epochs, epoch, row, end, sums] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
  const [scalars, stride, seedLow, seedHigh] = [SCALARS, 6, 7, 8].map((position) => f.parameter(position, "i32"));
  const [good, ok, at, ahead] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  const step = stepEmitter(module, f, description, { at, sums });
  const lossIsFinite = f64.lt(f64.abs(f64.load(sums, 8 * SUMS.LOSS)), f64.const(Infinity));
  const steps = (batch: number, more: (left: I32) => I32): void => {
    const left = i32.sub(end, row);
    f.if(i32.and(more(left), lossIsFinite), () =>
      f.doWhile(
        () => {
          step.step(batch);
          f.advance(row, batch);
          f.set(scalars, i32.add(scalars, stride));
        },
        i32.and(more(left), lossIsFinite),
      ),
    );
  };

  step.begin();
  f.doWhile(
    () => {
      f.if(i32.eqz(row), () => {
        // Stores: for so few, V8's call of `memory.fill` takes longer than a step.
        for (let offset = 0; offset < sumBytes; offset += 8) f.emit(f64.store(sums, f64.const(0), offset));
      });
      f.set(at, i32.add(i32.const(order.address), i32.shl(row, i32.const(2))));
      if (code.shuffle) {
        f.set(ahead, i32.sub(epoch, i32.load(i32.const(words.arranged))));
        f.if(i32.ge_u(ahead, i32.const(EPOCHS_AHEAD)), () => {
          emitShuffles(f, order, epoch, [seedLow, seedHigh]);
          f.emit(i32.store(i32.const(words.arranged), epoch));
          f.set(ahead, i32.const(0));
        });
        f.advance(at, i32.mul(ahead, i32.const(orderBytes(order.rows))));
      }
      if (order.rows >= batchSize) steps(batchSize, (left) => i32.ge_u(left, i32.const(batchSize)));
      // What is left of the data when it is no whole batch: the end of the epoch.
      const rest = order.rows % batchSize;
      if (rest > 0) steps(rest, (left) => i32.eq(left, i32.const(rest)));

      f.set(ok, i32.and(lossIsFinite, allFinite(f, description.line, step.parameters)));
      f.set(good, i32.add(good, ok));
      f.advance(sums, sumBytes);
      f.advance(epoch, 1);
      f.set(row, i32.const(0));
    },
    i32.and(ok, i32.ne(good, epochs)),
  );
  step.end();
  f.emit(i32.store(i32.const(words.good), good));
}
