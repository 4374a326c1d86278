// The blocking of a matrix product c = a·b, c = bias + a·b or c += a·b, after Goto & van de Geijn (2008). Loops, outermost first:
//   at most 1,024 columns   so that a packed block of b fits the scratch memory; 512 where much of a is packed beside it
//   at most 320 steps of k  in equal blocks, so that one packed panel, 16 columns wide, stays in L1
//   pack that block of b    where more than 16 rows will read it and its rows lie far apart; transposed b always
//   72 rows, or 252         so that their part of a stays in L2 while all panels pass
//   pack that block of a    where it is transposed and its rows lie far apart: each k would be another line of few cache sets
//   panel, tile             the micro-kernel
// A single row of a runs through tiles of 1 × 64 instead: b is read once, so it is not packed, and many sums at a time
// hide the latency of the adds. Between two blocks of k the sums rest in c, which loses no bit.
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { i32, select } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import type { Tensor } from "../../tensor.ts";
import { vectorsFor } from "./columns.ts";
import { BLOCK, DEEP_BLOCK } from "./emission.ts";
import type { Emission, Tile } from "./emission.ts";
import { microKernel } from "./micro-kernel.ts";
import type { MicroKernel } from "./micro-kernel.ts";
import { packColumns, packRows, packTransposed } from "./packing.ts";

/** Below, reading b in place costs less than packing it. */
const ROWS_WORTH_PACKING = 16;
/** Bytes from one k to the next from which on b, or a transposed, is packed. */
const STEP_WORTH_PACKING = { b: 512, a: 512 } as const;
/** A multiple of the rows of every tile. */
const WHOLE_TILES = 12;
const SINGLE_ROW: Tile = { rows: 1, columns: 64 };

/** a (rows, depth), b (depth, columns), c (rows, columns); strides in bytes. */
export interface Product {
  readonly columns: number;
  /** What rows and depth can be at most: they follow from the batch. */
  readonly rowsMost: number;
  readonly depthMost: number;
  /** What each sum begins with: zero, a row of biases, or what c holds. */
  readonly start: MicroKernel["start"];
  /** Whether the columns of b are summed on the way, which only packing does: `sumsColumns` says where that is so. */
  readonly summed?: boolean;
  /** From a[i,k] to a[i+1,k] and to a[i,k+1]. */
  readonly aRow: number;
  readonly aStep: number;
  /** From b[k,j] to b[k+1,j] and to b[k,j+1]; one of them is 4. */
  readonly bStep: number;
  readonly bColumn: number;
  readonly cRow: number;
}

/** What is the same in all the loops of one product. */
export interface Nest extends Product {
  readonly module: ModuleBuilder;
  readonly f: FunctionBuilder;
  readonly fused: boolean;
  readonly tile: Tile;
  readonly scratch: number;
  /** Steps of k in a block. */
  readonly depth: number;
  /** From one tile of a to the next. */
  readonly aTile: number;
}

/** Where a block begins and how large it is. `k` steps, a local or a constant like the others. */
export interface Block {
  readonly a: I32;
  readonly b: I32;
  readonly c: I32;
  readonly rows: I32;
  readonly k: I32;
  readonly start: MicroKernel["start"];
  /** Of a row beside c: the bias that the block starts with, or the sums of the columns of b. */
  readonly row: I32;
}

/** Emits the calls that compute the product. rows ≥ 1, depth ≥ 1. */
export function emitProduct(
  { module, f, arithmetic, scratch, address }: Emission,
  product: Product,
  { a, b, c, row }: Record<"a" | "b" | "c", Tensor> & { readonly row?: Tensor | null | undefined },
  rows: I32,
  depth: I32,
): void {
  const most = blockOf(product).columns;
  for (let first = 0; first < product.columns; first += most) {
    const columns = Math.min(most, product.columns - first);
    const run = columnBlock(module, { ...product, columns }, arithmetic, scratch(packedBytes({ ...product, columns })));
    const from = (tensor: Tensor, bytes: number): I32 => i32.add(address(tensor), i32.const(bytes));
    const rowAt = row ? from(row, 4 * first) : i32.const(0);
    f.call(run, address(a), from(b, first * product.bColumn), from(c, 4 * first), rows, depth, rowAt);
  }
}

/** The function (a, b, c, rows, depth, row) for the columns of one block: blocks of k. */
function columnBlock(
  module: ModuleBuilder,
  product: Product,
  { fused, tile }: Emission["arithmetic"],
  scratch: number,
): FunctionBuilder {
  const key = `product ${Object.values(product).join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32", "i32", "i32", "i32"], (f) => {
    const { blocks, depth: most } = depthBlocks(product);
    const nest: Nest = {
      ...product,
      module,
      f,
      fused,
      tile,
      scratch,
      depth: most,
      aTile: tile.rows * product.aRow,
    };
    const [a, b, c, rows, depth, row] = [0, 1, 2, 3, 4, 5].map((position) => f.parameter(position, "i32"));
    const [k, continued] = [f.local("i32"), f.local("i32")];
    const block = (start: MicroKernel["start"]): void => depthBlock(nest, { a, b, c, rows, k, start, row });
    f.doWhile(
      () => {
        f.set(k, select(i32.const(most), depth, i32.gt_u(depth, i32.const(most))));
        if (product.start === "load" || blocks === 1) block(product.start);
        // The others go on from what the first block left in c.
        else
          f.if(
            continued,
            () => block("load"),
            () => block(product.start),
          );
        f.set(continued, i32.const(1));
        f.advance(a, i32.mul(k, i32.const(product.aStep)));
        f.advance(b, i32.mul(k, i32.const(product.bStep)));
      },
      f.tee(depth, i32.sub(depth, k)),
    );
  });
}

/** Equal blocks of k. */
function depthBlocks({ depthMost }: Product): { readonly blocks: number; readonly depth: number } {
  const blocks = Math.ceil(depthMost / BLOCK.depth);
  return { blocks, depth: Math.ceil(depthMost / blocks) };
}

/** Scratch memory for a packed block of b, then one of a; none where both are read in place. */
function packedBytes(product: Product): number {
  if (product.bColumn === 4 && !isWorthPacking(product)) return 0;
  const rows = isWorthPackingA(product) ? Math.min(blockOf(product).rows, roundedUp(product.rowsMost, WHOLE_TILES)) : 0;
  return packedBBytes(product) + 4 * depthBlocks(product).depth * rows;
}

function packedBBytes(product: Product): number {
  return depthBlocks(product).depth * panelStep(product.columns);
}

/** Whether a product whose number of rows is known can sum the columns of b too: it packs all of them. */
export function sumsColumns(product: Product): boolean {
  return product.bColumn === 4 && isWorthPacking(product);
}

/** b with its rows far apart, and enough rows of a to make up for it. */
function isWorthPacking({ bStep, rowsMost }: Product): boolean {
  return bStep >= STEP_WORTH_PACKING.b && rowsMost > ROWS_WORTH_PACKING;
}

function isWorthPackingA({ aRow, aStep }: Product): boolean {
  return aRow === 4 && aStep >= STEP_WORTH_PACKING.a;
}

/** Columns of b and rows of a in a block, at most. */
function blockOf(product: Product): { readonly columns: number; readonly rows: number } {
  return isWorthPackingA(product) && depthBlocks(product).depth > DEEP_BLOCK.above ? DEEP_BLOCK : BLOCK;
}

function roundedUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** One block of k, packed or in place. */
function depthBlock(nest: Nest, block: Block): void {
  const { f, bColumn, aStep } = nest;
  const packed = (): void => {
    pack(nest, block, i32.const(nest.scratch), block.row);
    const packedB = { ...block, b: i32.const(nest.scratch) };
    if (isWorthPackingA(nest)) packedRowBlocks(nest, packedB);
    else rowBlocks(nest, packedB);
  };
  const inPlace = (): void => panels(nest, block, "in place");
  const single = (): void => panels({ ...nest, tile: SINGLE_ROW }, block, "in place");

  if (bColumn !== 4) return packed();
  const fewRows = (): void => (aStep === 4 ? f.if(i32.eq(block.rows, i32.const(1)), single, inPlace) : inPlace());
  if (isWorthPacking(nest)) f.if(i32.gt_u(block.rows, i32.const(ROWS_WORTH_PACKING)), packed, fewRows);
  else fewRows();
}

/** Packs the panels of a block one after another, from `room` on; their columns are added to `sums` where they are wanted. */
export function pack(nest: Nest, { b, k }: Pick<Block, "b" | "k">, room: I32, sums: I32 = i32.const(0)): void {
  const { module, f, columns, tile, bColumn, bStep, summed = false } = nest;
  if (bColumn === 4) {
    f.call(packRows(module, { columns, width: tile.columns, step: bStep, summed }), b, room, k, sums);
    return;
  }
  const [from, to] = [f.local("i32", b), f.local("i32", room)];
  eachPanel(nest, (width) => {
    f.call(packTransposed(module, width, bColumn), from, to, k);
    f.advance(from, width * bColumn);
    f.advance(to, i32.mul(k, i32.const(panelStep(width))));
  });
}

/** The product of a packed block. */
export function rowBlocks(nest: Nest, block: Block): void {
  const { f, rowsMost, aRow, cRow } = nest;
  if (rowsMost <= BLOCK.rows) return panels(nest, block, "packed");
  const [a, c] = [f.local("i32", block.a), f.local("i32", block.c)];
  const [left, rows] = [f.local("i32", block.rows), f.local("i32")];
  const most = i32.const(BLOCK.rows);
  f.doWhile(
    () => {
      f.set(rows, select(most, left, i32.gt_u(left, most)));
      panels(nest, { ...block, a, c, rows }, "packed");
      f.advance(a, BLOCK.rows * aRow);
      f.advance(c, BLOCK.rows * cRow);
    },
    f.tee(left, i32.sub(left, rows)),
  );
}

/** As `rowBlocks`, for a transposed a, whose number of rows is known: each block of it is packed for the tiles. */
function packedRowBlocks(nest: Nest, block: Block): void {
  const { module, f, rowsMost, aStep, cRow, tile, depth, scratch } = nest;
  const [a, c] = [f.local("i32", block.a), f.local("i32", block.c)];
  const packedA = i32.const(scratch + packedBBytes(nest));
  const emit = (height: number): void => {
    f.call(packColumns(module, height, tile.rows, aStep, depth), a, packedA, block.k);
    const rows = i32.const(height);
    panels(
      { ...nest, aRow: 4, aStep: 4 * tile.rows, aTile: 4 * tile.rows * depth },
      { ...block, a: packedA, c, rows },
      "packed",
    );
  };
  const most = blockOf(nest).rows;
  const full = Math.floor(rowsMost / most);
  f.repeat(f.local("i32", i32.const(full)), () => {
    emit(most);
    f.advance(a, 4 * most);
    f.advance(c, most * cRow);
  });
  if (rowsMost % most > 0) emit(rowsMost % most);
}

function panels(nest: Nest, block: Block, where: "packed" | "in place"): void {
  const { f, bStep } = nest;
  const [b, c, bias] = [f.local("i32", block.b), f.local("i32", block.c), f.local("i32", block.row)];
  eachPanel(nest, (columns) => {
    const step = i32.const(where === "packed" ? panelStep(columns) : bStep);
    f.call(tileColumn(nest, columns, block.start), block.k, block.a, b, c, block.rows, step, bias);
    f.advance(b, where === "packed" ? i32.mul(block.k, step) : 4 * columns);
    for (const pointer of [c, bias]) f.advance(pointer, 4 * columns);
  });
}

/** Emits a loop over the panels of full width, then the narrow rest. */
function eachPanel({ f, columns, tile }: Nest, emit: (columns: number) => void): void {
  const full = Math.floor(columns / tile.columns);
  const rest = columns % tile.columns;
  if (full === 1) emit(tile.columns);
  if (full > 1) f.countDown(f.local("i32", i32.const(full)), () => emit(tile.columns));
  if (rest > 0) emit(rest);
}

/** Bytes from one k to the next in a packed panel. */
function panelStep(columns: number): number {
  return 16 * vectorsFor(columns).length;
}

/** The function (k, a, b, c, rows, bStep, bias): tiles of one panel below each other; the last rows in tiles of 4, 2 and 1. */
function tileColumn(nest: Nest, columns: number, start: MicroKernel["start"]): FunctionBuilder {
  const { module, fused, tile, aRow, aStep, aTile, cRow } = nest;
  const key = `tiles ${[columns, start, tile.rows, aRow, aStep, aTile, cRow].join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32", "i32", "i32", "i32", "i32"], (f) => {
    const [k, a, b, c, rows, bStep, bias] = [0, 1, 2, 3, 4, 5, 6].map((position) => f.parameter(position, "i32"));
    const call = (height: number): void => {
      const kernel = microKernel(module, { rows: height, columns, fused, start, aRow, aStep, cRow });
      f.call(kernel, k, a, b, c, bStep, bias);
      f.advance(a, height === tile.rows ? aTile : height * aRow);
      f.advance(c, height * cRow);
    };
    f.repeat(f.local("i32", i32.div_u(rows, i32.const(tile.rows))), () => call(tile.rows));
    f.set(rows, i32.rem_u(rows, i32.const(tile.rows)));
    for (const height of [4, 2, 1]) {
      if (height < tile.rows) f.if(i32.and(rows, i32.const(height)), () => call(height));
    }
  });
}
