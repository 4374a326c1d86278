// A quad: four rows of the batch, one in each lane, so that a column of a tensor is one vector and every operation on
// rows is the same instruction for all four. Columns stay in locals from the input to the last gradient; nothing of a
// quad goes through memory but the data it reads. The last quad of a batch may hold fewer rows: its other lanes repeat
// the first row, and whatever adds up rows leaves them out.
import type { Tensor } from "../../../tensor.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32x4 } from "../../wasm/instructions.ts";
import type { V128 } from "../../wasm/instructions.ts";

export type Column = Local<"v128">;

export interface Quad {
  readonly f: FunctionBuilder;
  /** Multiply-add rounded once. */
  readonly fused: boolean;
  /** Rows of the quad that are rows of the batch, 1 to 4. */
  readonly rows: number;
  /** Rows of the whole batch. */
  readonly batch: number;
  /** The columns of a (B,n) tensor that was put before. */
  columns(tensor: Tensor): readonly Column[];
  put(tensor: Tensor, columns: readonly Column[]): void;
  /** Element i, in row-major order, of a parameter, in all lanes. */
  parameter(tensor: Tensor, i: number): V128;
  /** The gradient of element i of the parameter whose gradient `tensor` is becomes Σ_rows x·dy. */
  gradient(tensor: Tensor, i: number, x: Column, dy: Column): void;
  /** 1 in all lanes: the x of a bias. */
  readonly one: Column;
}

/** Rows of four vectors become columns, and columns rows; the first `wanted` of them. */
export function transpose(f: FunctionBuilder, [a, b, c, d]: readonly Column[], wanted = 4): Column[] {
  // One vector in all places: each of its lanes in all lanes.
  if (a === b && b === c && c === d) {
    return [0, 1, 2, 3].slice(0, wanted).map((i) => f.local("v128", i32x4.shuffle(a, a, i, i, i, i)));
  }
  const pair = (x: Column, y: Column, upper: boolean): Column =>
    f.local("v128", upper ? i32x4.shuffle(x, y, 2, 6, 3, 7) : i32x4.shuffle(x, y, 0, 4, 1, 5));
  const halves = (upper: boolean): V128[] => {
    const [x, y] = [pair(a, b, upper), pair(c, d, upper)];
    return [i32x4.shuffle(x, y, 0, 1, 4, 5), i32x4.shuffle(x, y, 2, 3, 6, 7)];
  };
  const vectors = wanted > 2 ? [...halves(false), ...halves(true)] : halves(false);
  return vectors.slice(0, wanted).map((vector) => f.local("v128", vector));
}

/** Σ of the columns, over ascending columns from 0 as everywhere. */
export function sumOf(f: FunctionBuilder, terms: readonly V128[]): Column {
  const sum = f.local("v128", f32x4.const(0));
  for (const term of terms) f.set(sum, f32x4.add(sum, term));
  return sum;
}
