// Packing: a panel of b, `columns` wide, is copied to consecutive memory, one row of whole vectors per k. A micro-kernel
// then reads it in one stream; read in place, rows that lie a power of two apart would share a few cache sets.
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, i32x4, v128 } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { loadColumns, storeColumns, vectorsFor } from "./columns.ts";

/** Rows that are read side by side: where they lie on other pages, one goes on while another waits for its first line. */
const ROWS = 8;

/** What is packed: `columns` of b in panels of `width`, the last one perhaps narrower; its rows are `step` bytes apart. */
export interface Panels {
  readonly columns: number;
  readonly width: number;
  readonly step: number;
  /** Whether each column is added to its sum on the way, over ascending k. */
  readonly summed: boolean;
}

/** The function (from, to, k, sums) that packs panels one after another, reading rows from end to end. */
export function packRows(module: ModuleBuilder, panels: Panels): FunctionBuilder {
  const { columns, width, step, summed } = panels;
  const [full, rest] = [Math.floor(columns / width), columns % width];
  const [rowBytes, restBytes] = [width, rest].map((wide) => 16 * vectorsFor(wide).length);
  return module.shared(`pack ${Object.values(panels).join(" ")}`, ["i32", "i32", "i32", "i32"], (f) => {
    const [from, to, k, sums] = [0, 1, 2, 3].map((position) => f.parameter(position, "i32"));
    const panelBytes = f.local("i32", i32.mul(k, i32.const(rowBytes)));
    const toRest = f.local("i32", i32.add(to, i32.mul(panelBytes, i32.const(full))));
    const piece = (rows: number, wide: number, source: I32, target: I32, sum: I32): void => {
      const totals = summed ? loadColumns(f, sum, wide) : [];
      for (let row = 0; row < rows; row++) {
        const vectors = loadColumns(f, source, wide, row * step);
        vectors.forEach((vector, j) => f.emit(v128.store(target, vector, 16 * (row * vectors.length + j))));
        totals.forEach((total, j) => f.set(total, f32x4.add(total, vectors[j])));
      }
      storeColumns(f, sum, totals, wide);
    };
    const pass = (rows: number): void => {
      const [source, target, sum] = [f.local("i32", from), f.local("i32", to), f.local("i32", sums)];
      f.repeat(f.local("i32", i32.const(full)), () => {
        f.scope(() => piece(rows, width, source, target, sum));
        for (const pointer of [source, sum]) f.advance(pointer, 4 * width);
        f.advance(target, panelBytes);
      });
      if (rest > 0) f.scope(() => piece(rows, rest, source, toRest, sum));
      f.advance(from, rows * step);
      f.advance(to, rows * rowBytes);
      f.advance(toRest, rows * restBytes);
    };
    f.repeat(f.local("i32", i32.div_u(k, i32.const(ROWS))), () => pass(ROWS));
    f.repeat(f.local("i32", i32.rem_u(k, i32.const(ROWS))), () => pass(1));
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
