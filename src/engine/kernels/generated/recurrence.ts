// What the recurrent kernels share. A sequence lies row by row, (B,T,n), so step t of all rows is a matrix whose rows are
// T·n numbers apart: products and cells take that distance as their stride. Loops of a recurrent layer, outermost first:
//   step t          in order, each needs the one before
//   product         of the state of all rows with U, which was packed before the first step
//   row, unit       the cell: gates, activations and the next state, in vectors of units
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32x4, i32, memory } from "../wasm/instructions.ts";
import type { I32, V128 } from "../wasm/instructions.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Compute } from "./element-loop.ts";
import type { Emission } from "./emission.ts";
import { prepackedProduct } from "./prepacked-product.ts";
import type { PrepackedProduct } from "./prepacked-product.ts";
import type { Product } from "./product.ts";

/** What a cell reads or writes in each row. */
export interface Strip {
  /** Byte address of the first row. */
  readonly address: I32;
  /** Bytes from one row to the next; 0 for what all rows share, such as a bias. */
  readonly rowBytes: number | I32;
}

/** A loop over `count` numbers of each row: `compute` makes a vector for each output from one of each input. */
export interface CellPass {
  readonly count: number;
  readonly inputs: readonly Strip[];
  readonly outputs: readonly Strip[];
  readonly compute: Compute;
}

/** Emits a cell: row by row, its passes. Several short ones, because their numbers stay in registers; the row in L1. */
export function emitCell(f: FunctionBuilder, rows: I32, passes: readonly CellPass[]): void {
  const left = f.local("i32", rows);
  const placed = passes.map((pass) => ({
    ...pass,
    from: pass.inputs.map(({ address }) => f.local("i32", address)),
    to: pass.outputs.map(({ address }) => f.local("i32", address)),
  }));
  f.countDown(left, () => {
    for (const { count, inputs, outputs, from, to, compute } of placed) {
      emitElementLoop(f, { count: i32.const(count), inputs: from, outputs: to, compute });
      [...inputs, ...outputs].forEach(({ rowBytes }, strip) => {
        if (rowBytes !== 0) f.advance([...from, ...to][strip], rowBytes);
      });
    }
  });
}

/** Groups of `units` numbers beside each other, such as the gates of an LSTM. */
export function groupsOf({ address, rowBytes }: Strip, units: number, count: number): Strip[] {
  return Array.from({ length: count }, (_, group) => ({
    address: i32.add(address, i32.const(4 * units * group)),
    rowBytes,
  }));
}

/** One step of a sequence (B,T,H); `at` as in `emitSteps`. */
export function stepAt({ address }: Emission, sequence: Tensor, at: I32): Strip {
  return { address: i32.add(address(sequence), at), rowBytes: 4 * sequence.rowSize };
}

/** The G groups of one step of a sequence (B,T,G·H) of `units` H. */
export function groupsAt({ address }: Emission, sequence: Tensor, at: I32, units: number): Strip[] {
  const count = sequence.shape[1] / units;
  const step = { address: i32.add(address(sequence), i32.mul(at, i32.const(count))), rowBytes: 4 * sequence.rowSize };
  return groupsOf(step, units, count);
}

/** The pass z ← activation(z + b) over `count` numbers. */
export function activationPass(
  z: Strip,
  b: Strip,
  count: number,
  activation: (f: FunctionBuilder, x: V128) => V128,
): CellPass {
  return { count, inputs: [z, b], outputs: [z], compute: (f, [sum, bias]) => [activation(f, f32x4.add(sum, bias))] };
}

/** Emits the state before the first step of a sequence (B,T,H): the initial one (B,H), or zero. */
export function emitFirstState(
  f: FunctionBuilder,
  { address }: Emission,
  sequence: Tensor,
  initial: Tensor | null,
  rows: I32,
): void {
  const bytes = 4 * sequence.shape[1];
  const [left, to] = [f.local("i32", rows), f.local("i32", address(sequence))];
  const from = initial && f.local("i32", address(initial));
  f.countDown(left, () => {
    if (from === null) f.emit(memory.fill(to, i32.const(0), i32.const(bytes)));
    else {
      f.emit(memory.copy(to, from, i32.const(bytes)));
      f.advance(from, bytes);
    }
    f.advance(to, 4 * sequence.rowSize);
  });
}

/** Emits to ← x ⊙ mask (B,H) for the states of one step. */
export function emitMasked(
  f: FunctionBuilder,
  { address }: Emission,
  mask: Tensor,
  { rows, from, to }: { readonly rows: I32; readonly from: Strip; readonly to: Strip },
): void {
  const factors = { address: address(mask), rowBytes: 4 * mask.rowSize };
  const compute: Compute = (_f, [x, factor]) => [f32x4.mul(x, factor)];
  emitCell(f, rows, [{ count: mask.rowSize, inputs: [from, factors], outputs: [to], compute }]);
}

/** The product with U (H, columns) of one step: from states `from` to sums `to`, with these distances between rows. */
export function stateProduct(
  emission: Emission,
  { U, rowsMost, accumulate, aRow, cRow }: StateProduct,
): PrepackedProduct {
  const [units, columns] = U.shape;
  const product: Product = {
    columns,
    rowsMost,
    depthMost: units,
    start: accumulate ? "load" : "zero",
    aRow,
    aStep: 4,
    bStep: 4 * columns,
    bColumn: 4,
    cRow,
  };
  return prepackedProduct(emission, product, U);
}

/** The product with Uᵀ, of gradients of sums (·, columns) to gradients of states (·, H). */
export function gradientProduct(
  emission: Emission,
  { U, rowsMost, accumulate, aRow, cRow }: StateProduct,
): PrepackedProduct {
  const [units, columns] = U.shape;
  const product: Product = {
    columns: units,
    rowsMost,
    depthMost: columns,
    start: accumulate ? "load" : "zero",
    aRow,
    aStep: 4,
    bStep: 4,
    bColumn: 4 * columns,
    cRow,
  };
  return prepackedProduct(emission, product, U);
}

interface StateProduct {
  readonly U: Tensor;
  readonly rowsMost: number;
  readonly accumulate: boolean;
  readonly aRow: number;
  readonly cRow: number;
}

/** Emits the steps in ascending order, the last one apart: what it leaves lies elsewhere. `at` is where the step's numbers
 * stand in a row of H numbers per step, in bytes. */
export function emitSteps(
  f: FunctionBuilder,
  [steps, units]: readonly number[],
  emit: (at: Local<"i32">, last: boolean) => void,
): void {
  const at = f.local("i32", i32.const(0));
  f.repeat(f.local("i32", i32.const(steps - 1)), () => {
    emit(at, false);
    f.advance(at, 4 * units);
  });
  emit(at, true);
}

/** As `emitSteps`, in descending order. */
export function emitStepsBack(
  f: FunctionBuilder,
  [steps, units]: readonly number[],
  emit: (at: Local<"i32">) => void,
): void {
  const at = f.local("i32", i32.const(4 * units * steps));
  f.countDown(f.local("i32", i32.const(steps)), () => {
    f.advance(at, -4 * units);
    emit(at);
  });
}

/** σ′ by y = σ(x): y·(1 − y) */
export function sigmoidSlope(y: V128): V128 {
  return f32x4.mul(y, f32x4.sub(f32x4.const(1), y));
}

/** tanh′ by y = tanh x: 1 − y² */
export function tanhSlope(y: V128): V128 {
  return f32x4.sub(f32x4.const(1), f32x4.mul(y, y));
}
