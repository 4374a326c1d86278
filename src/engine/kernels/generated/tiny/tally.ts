// The sums of metrics.ts over the rows of a quad, in float64 and in the order of its loops: the same bits.
// At `sums` stand [rows, loss, correct rows], then for each output [Σ|e|, Σe², mean of t, Σ(t − mean)²].
import { SUMS } from "../../../metrics.ts";
import type { CorrectnessRule } from "../../../metrics.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { f32x4, f64, i32, i32x4, v128 } from "../../wasm/instructions.ts";
import type { F64, I32, V128 } from "../../wasm/instructions.ts";
import type { Column, Quad } from "./quad.ts";

const { ROWS, LOSS, CORRECT, COLUMNS, PER_COLUMN, ABSOLUTE, SQUARED, MEAN, SPREAD } = SUMS;
const HALF = f32x4.const(0.5);

/** Adds the quad's rows. `rule` null tallies errors instead of correct rows. */
export function emitTally(
  quad: Quad,
  sums: I32,
  rule: CorrectnessRule | null,
  loss: Column,
  outputs: readonly Column[],
  targets: readonly Column[],
): void {
  const { f, rows } = quad;
  const at = (index: number): number => 8 * index;
  const add = (index: number, value: F64): void =>
    f.emit(f64.store(sums, f64.add(f64.load(sums, at(index)), value), at(index)));

  const total = f.local("f64", f64.load(sums, at(LOSS)));
  for (let row = 0; row < rows; row++) f.set(total, f64.add(total, lane(loss, row)));
  f.emit(f64.store(sums, total, at(LOSS)));
  if (rule === null) for (let row = 0; row < rows; row++) addErrors(f, sums, row, outputs, targets);
  else {
    const correct = i32.and(i32x4.bitmask(RULES[rule](f, outputs, targets)), i32.const(2 ** rows - 1));
    add(CORRECT, f64.convert_i32_u(i32.popcnt(correct)));
  }
  add(ROWS, f64.const(rows));
}

/** Every bit of a lane is set when its row is predicted right. */
const RULES: Readonly<
  Record<CorrectnessRule, (f: FunctionBuilder, y: readonly Column[], t: readonly Column[]) => V128>
> = {
  index: (f, y, [t]) => f32x4.eq(largest(f, y), t),
  largest: (f, y, t) => f32x4.eq(largest(f, y), largest(f, t)),
  sides(f, y, t) {
    const differ = f.local("v128", i32x4.const(0));
    y.forEach((value, j) => {
      f.set(differ, v128.or(differ, v128.xor(f32x4.ge(value, HALF), f32x4.ge(t[j], HALF))));
    });
    return v128.not(differ);
  },
};

/** Position of the largest column; the first among equals. */
function largest(f: FunctionBuilder, columns: readonly Column[]): Column {
  const [best, position] = [f.local("v128", columns[0]), f.local("v128", f32x4.const(0))];
  const larger = f.local("v128");
  columns.slice(1).forEach((column, index) => {
    f.set(larger, f32x4.gt(column, best));
    f.set(best, v128.bitselect(column, best, larger));
    f.set(position, v128.bitselect(f32x4.const(index + 1), position, larger));
  });
  return position;
}

function addErrors(
  f: FunctionBuilder,
  sums: I32,
  row: number,
  outputs: readonly Column[],
  targets: readonly Column[],
): void {
  const count = f.local("f64", f64.add(f64.load(sums, 8 * ROWS), f64.const(row + 1)));
  outputs.forEach((output, j) => {
    const place = (index: number): number => 8 * (COLUMNS + j * PER_COLUMN + index);
    const load = (index: number): F64 => f64.load(sums, place(index));
    const target = f.local("f64", lane(targets[j], row));
    const error = f.local("f64", f64.sub(lane(output, row), target));
    const distance = f.local("f64", f64.sub(target, load(MEAN)));
    const mean = f.local("f64", f64.add(load(MEAN), f64.div(distance, count)));
    f.emit(
      f64.store(sums, f64.add(load(ABSOLUTE), f64.abs(error)), place(ABSOLUTE)),
      f64.store(sums, f64.add(load(SQUARED), f64.mul(error, error)), place(SQUARED)),
      f64.store(sums, mean, place(MEAN)),
      f64.store(sums, f64.add(load(SPREAD), f64.mul(distance, f64.sub(target, mean))), place(SPREAD)),
    );
  });
}

function lane(column: Column, row: number): F64 {
  return f64.promote_f32(f32x4.extract_lane(column, row));
}
