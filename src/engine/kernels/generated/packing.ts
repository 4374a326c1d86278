// Packing: a panel of b, `columns` wide, is copied to consecutive memory, one row of whole vectors per k. A micro-kernel
// then reads it in one stream; read in place, rows that lie a power of two apart would share a few cache sets.
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, i32x4, v128 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { loadColumns, storeColumns, vectorsFor } from "./columns.ts";

/** The function (from, to, k) for a panel whose k-th row lies `step` bytes after the one before. */
export function packRows(module: ModuleBuilder, columns: number, step: number): FunctionBuilder {
  const vectors = vectorsFor(columns);
  return module.shared(`pack ${vectors.length} ${step}`, ["i32", "i32", "i32"], (f) => {
    const [from, to, k] = [f.parameter(0, "i32"), f.parameter(1, "i32"), f.parameter(2, "i32")];
    f.countDown(k, () => {
      vectors.forEach((_, j) => f.emit(v128.store(to, v128.load(from, 16 * j), 16 * j)));
      f.advance(from, step);
      f.advance(to, 16 * vectors.length);
    });
  });
}

/** The function (from, to, k, sums): as `packRows`, and each column is added to its sum on the way, over ascending k. */
export function packAndSumRows(module: ModuleBuilder, columns: number, step: number): FunctionBuilder {
  return module.shared(`pack and sum ${columns} ${step}`, ["i32", "i32", "i32", "i32"], (f) => {
    const [from, to, k, sums] = [0, 1, 2, 3].map((position) => f.parameter(position, "i32"));
    const totals = loadColumns(f, sums, columns);
    f.countDown(k, () => {
      const row = totals.map((_, j) => f.local("v128", v128.load(from, 16 * j)));
      row.forEach((vector, j) => f.emit(v128.store(to, vector, 16 * j)));
      totals.forEach((total, j) => f.set(total, f32x4.add(total, row[j])));
      f.advance(from, step);
      f.advance(to, 16 * totals.length);
    });
    storeColumns(f, sums, totals, columns);
  });
}

/**
 * The function (from, to, k) for `height` neighbouring columns of a matrix: tiles of `rows` columns one after another,
 * each [depth][rows], the last one perhaps in part. Every row is read once, from end to end.
 */
export function packColumns(
  module: ModuleBuilder,
  height: number,
  rows: number,
  step: number,
  depth: number,
): FunctionBuilder {
  const key = `columns ${[height, rows, step, depth].join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [from, to, k] = [f.parameter(0, "i32"), f.parameter(1, "i32"), f.parameter(2, "i32")];
    f.countDown(k, () => {
      for (let first = 0; first < height; first += rows) {
        const columns = Math.min(rows, height - first);
        storeColumns(f, to, loadColumns(f, from, columns, 4 * first), columns, 4 * first * depth);
      }
      f.advance(from, step);
      f.advance(to, 4 * rows);
    });
  });
}

/** The function (from, to, k) for a panel whose columns are rows in memory, `step` bytes apart: 4 × 4 transposes. */
export function packTransposed(module: ModuleBuilder, columns: number, step: number): FunctionBuilder {
  const vectors = vectorsFor(columns);
  const width = 16 * vectors.length;
  return module.shared(`transpose ${columns} ${step}`, ["i32", "i32", "i32"], (f) => {
    const [from, to, k] = [f.parameter(0, "i32"), f.parameter(1, "i32"), f.parameter(2, "i32")];
    const rows = [0, 1, 2, 3].map(() => f.local("v128"));
    const pairs = [0, 1, 2, 3].map(() => f.local("v128"));
    f.repeat(f.local("i32", i32.shr_u(k, i32.const(2))), () => {
      vectors.forEach((_, j) => {
        rows.forEach((row, i) => {
          const column = 4 * j + i;
          f.set(row, column < columns ? v128.load(from, column * step) : f32x4.const(0));
        });
        f.set(pairs[0], i32x4.shuffle(rows[0], rows[1], 0, 4, 1, 5));
        f.set(pairs[1], i32x4.shuffle(rows[0], rows[1], 2, 6, 3, 7));
        f.set(pairs[2], i32x4.shuffle(rows[2], rows[3], 0, 4, 1, 5));
        f.set(pairs[3], i32x4.shuffle(rows[2], rows[3], 2, 6, 3, 7));
        const transposed = [
          i32x4.shuffle(pairs[0], pairs[2], 0, 1, 4, 5),
          i32x4.shuffle(pairs[0], pairs[2], 2, 3, 6, 7),
          i32x4.shuffle(pairs[1], pairs[3], 0, 1, 4, 5),
          i32x4.shuffle(pairs[1], pairs[3], 2, 3, 6, 7),
        ];
        transposed.forEach((vector, i) => f.emit(v128.store(to, vector, i * width + 16 * j)));
      });
      f.advance(from, 16);
      f.advance(to, 4 * width);
    });
    f.repeat(f.local("i32", i32.and(k, i32.const(3))), () => {
      for (let j = 0; j < columns; j++) f.emit(f32.store(to, f32.load(from, j * step), 4 * j));
      f.advance(from, 4);
      f.advance(to, width);
    });
  });
}
