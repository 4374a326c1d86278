// The micro-kernel of convolution: a tile of the result in registers while k runs over the window's pixels.
//   c[i,j] = start_j + Σ_k a[i + path(k)]·b[k,j]      start 0, a row of biases, or what c holds
// As micro-kernel.ts, but k follows a path of nested loops (window rows, then the floats of a row, which lie next to each
// other): a is an image and is never copied to columns. Chetlur et al. (2014) call this implicit matrix multiplication.
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32, v128 } from "../../wasm/instructions.ts";
import type { ModuleBuilder } from "../../wasm/module-builder.ts";
import { loadColumns, storeColumns, vectorsFor } from "../columns.ts";
import type { Tile } from "../emission.ts";
import { multiplyAdd } from "../micro-kernel.ts";

/** One loop of the path of a: so many turns, so many bytes from one to the next. Outermost first. */
export interface Stride {
  readonly count: number;
  readonly step: number;
}

export interface SlidingKernel {
  readonly rows: number;
  readonly columns: number;
  readonly fused: boolean;
  readonly start: "zero" | "bias" | "load";
  readonly relu: boolean;
  /** Bytes from a[i] to a[i+1]. */
  readonly aRow: number;
  readonly path: readonly Stride[];
  /** Bytes from b[k,j] to b[k+1,j]. */
  readonly bStep: number;
  /** Bytes from c[i,j] to c[i+1,j]. */
  readonly cRow: number;
  /** Address of SPILL_BYTES of scratch. */
  readonly spill: number;
}

/** Room for the tile of a narrow panel. */
export const SPILL_BYTES = 1024;
const MOST_ROWS = 12;

/** The function (a, b, c, bias). */
export function slidingKernel(module: ModuleBuilder, kernel: SlidingKernel): FunctionBuilder {
  const { rows, columns, fused, start, aRow, path, bStep, cRow } = kernel;
  return module.shared(`sliding ${JSON.stringify(kernel)}`, ["i32", "i32", "i32", "i32"], (f) => {
    const [a, b, c, bias] = [0, 1, 2, 3].map((position) => f.parameter(position, "i32"));
    const tile = Array.from({ length: rows }, (_, i) => {
      if (start === "zero") return vectorsFor(columns).map(() => f.local("v128"));
      return start === "bias" ? loadColumns(f, bias, columns) : loadColumns(f, c, columns, i * cRow);
    });
    const bRow = vectorsFor(columns).map(() => f.local("v128"));
    const element = f.local("v128");
    emitPath(f, a, path, () => {
      bRow.forEach((vector, j) => f.set(vector, v128.load(b, 16 * j)));
      tile.forEach((sums, i) => {
        f.set(element, v128.load32_splat(a, i * aRow));
        sums.forEach((sum, j) => f.set(sum, multiplyAdd(fused, element, bRow[j], sum)));
      });
      f.advance(b, bStep);
    });
    if (kernel.relu) {
      for (const sum of tile.flat()) f.set(sum, v128.andnot(sum, f32x4.le(sum, f32x4.const(0))));
    }
    storeTile(f, c, tile, kernel);
  });
}

/** Rows of the tile for a panel of so many columns: as many sums in registers as the tile of a wide panel has. */
export function tileHeight({ rows, columns }: Tile, panel: number): number {
  const vectors = vectorsFor(panel).length;
  return Math.max(1, Math.min(MOST_ROWS, Math.floor((rows * vectorsFor(columns).length) / vectors)));
}

/** Divides n rows into tiles that are equal but for one row: each (height, how many tiles of it). */
export function evenTiles(n: number, height: number): { readonly height: number; readonly count: number }[] {
  const tiles = Math.ceil(n / height);
  const low = Math.floor(n / tiles);
  const high = n - low * tiles;
  return [
    { height: low + 1, count: high },
    { height: low, count: tiles - high },
  ].filter(({ count }) => count > 0);
}

function emitPath(f: FunctionBuilder, a: Local<"i32">, path: readonly Stride[], body: () => void): void {
  const [outer, ...inner] = path;
  const covered = inner.length === 0 ? 0 : inner[0].count * inner[0].step;
  const turn = (): void => {
    if (inner.length === 0) body();
    else emitPath(f, a, inner, body);
    f.advance(a, outer.step - covered);
  };
  f.countDown(f.local("i32", i32.const(outer.count)), turn);
}

/** V8 pairs vectors only back from pairs of stores. A panel whose last vector is not full is stored whole to scratch
 * memory first, or its sums would stay in halves of registers. */
function storeTile(
  f: FunctionBuilder,
  c: Local<"i32">,
  tile: readonly Local<"v128">[][],
  { columns, cRow, spill }: SlidingKernel,
): void {
  const width = 16 * vectorsFor(columns).length;
  if (columns % 4 === 0 || columns < 4) {
    tile.forEach((sums, i) => storeColumns(f, c, sums, columns, i * cRow));
    return;
  }
  const place = i32.const(spill);
  tile.forEach((sums, i) => sums.forEach((sum, j) => f.emit(v128.store(place, sum, i * width + 16 * j))));
  tile.forEach((_, i) => storeColumns(f, c, loadColumns(f, place, columns, i * width), columns, i * cRow));
}
