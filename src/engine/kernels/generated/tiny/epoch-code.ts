// The loop over the epochs of a tiny network, as one WebAssembly function. Per epoch: order the rows, then step by step
// through them, adding up what metrics.ts adds up. It asks nothing of the numbers: epoch-loop.ts looks at what it ends with.
import { f64, i32 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import { FunctionBuilder } from "../../wasm/function-builder.ts";
import type { Local } from "../../wasm/function-builder.ts";
import { ModuleBuilder } from "../../wasm/module-builder.ts";
import { areFew, emitShuffle, emitShuffles, EPOCHS_AHEAD, orderBytes } from "./shuffle.ts";
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
  /** Address of the number of the first epoch whose order stands in memory. */
  readonly arranged: number;
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
  const { description, order, batchSize, sumBytes } = code;
  const [epochs, epoch, row, end, sums] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
  const [scalars, stride, seedLow, seedHigh] = [SCALARS, 6, 7, 8].map((position) => f.parameter(position, "i32"));
  /** Of the epoch: where its order stands, and the place in it of the next row. */
  const [ordered, at] = [f.local("i32", i32.const(order.address)), f.local("i32")];
  const step = stepEmitter(module, f, description, { at, sums });
  const stepOver = (batch: number): void => {
    step.step(batch);
    f.advance(row, batch);
    f.set(scalars, i32.add(scalars, stride));
  };
  const oneEpoch = (): void => {
    f.if(i32.eqz(row), () => {
      // Stores: for so few, V8's call of `memory.fill` takes longer than a step.
      for (let offset = 0; offset < sumBytes; offset += 8) f.emit(f64.store(sums, f64.const(0), offset));
    });
    f.set(at, i32.add(ordered, i32.shl(row, i32.const(2))));
    const left = i32.sub(end, row);
    const whole = i32.ge_u(left, i32.const(batchSize));
    const wholeSteps = Math.floor(order.rows / batchSize);
    if (wholeSteps === 1) f.if(whole, () => stepOver(batchSize));
    if (wholeSteps > 1) f.if(whole, () => f.doWhile(() => stepOver(batchSize), whole));
    // What is left of the data when it is no whole batch: the end of the epoch.
    const rest = order.rows % batchSize;
    if (rest > 0) f.if(i32.eq(left, i32.const(rest)), () => stepOver(rest));

    f.advance(sums, sumBytes);
    f.set(row, i32.const(0));
  };

  step.begin();
  const locals = { epochs, epoch, ordered, seed: [seedLow, seedHigh] as const };
  if (!code.shuffle) f.countDown(epochs, oneEpoch);
  else if (areFew(order.rows)) emitShuffledOneAhead(f, code, locals, oneEpoch);
  else emitShuffledTogether(f, code, locals, oneEpoch);
  step.end();
}

interface EpochLocals {
  readonly epochs: Local<"i32">;
  readonly epoch: Local<"i32">;
  readonly ordered: Local<"i32">;
  readonly seed: readonly [I32, I32];
}

/** Orders the rows of each epoch while the one before is trained: at two places in turn. */
function emitShuffledOneAhead(
  f: FunctionBuilder,
  { order }: EpochCode,
  locals: EpochLocals,
  oneEpoch: () => void,
): void {
  const { epochs, epoch, ordered, seed } = locals;
  const bytes = orderBytes(order.rows);
  const next = f.local("i32", i32.const(order.address + bytes));
  emitShuffle(f, order, epoch, seed, ordered);
  f.countDown(epochs, () => {
    f.advance(epoch, 1);
    emitShuffle(f, order, epoch, seed, next);
    oneEpoch();
    f.set(next, ordered);
    f.set(ordered, i32.sub(i32.const(2 * order.address + bytes), ordered));
  });
}

/** Orders the rows of some epochs, then runs those epochs. Two loops, one in the other: V8 would put the parameters into
 * memory in every epoch if the same loop could need their registers for ordering. */
function emitShuffledTogether(f: FunctionBuilder, code: EpochCode, locals: EpochLocals, oneEpoch: () => void): void {
  const { order, arranged } = code;
  const { epochs, epoch, ordered, seed } = locals;
  const [ahead, next] = [f.local("i32"), f.local("i32")];
  f.doWhile(() => {
    f.set(ahead, i32.sub(epoch, i32.load(i32.const(arranged))));
    f.if(i32.ge_u(ahead, i32.const(EPOCHS_AHEAD)), () => {
      emitShuffles(f, order, epoch, seed);
      f.emit(i32.store(i32.const(arranged), epoch));
      f.set(ahead, i32.const(0));
    });
    f.set(ordered, i32.add(i32.const(order.address), i32.mul(ahead, i32.const(orderBytes(order.rows)))));
    f.set(next, i32.sub(i32.const(EPOCHS_AHEAD), ahead));
    f.if(i32.gt_u(next, epochs), () => f.set(next, epochs));
    f.advance(epoch, next);
    f.set(epochs, i32.sub(epochs, next));
    f.countDown(next, () => {
      oneEpoch();
      f.advance(ordered, orderBytes(order.rows));
    });
  }, epochs);
}
