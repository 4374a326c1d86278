// Images in tiles of 4 × 4 outputs (winograd-transforms.ts), a block of them at a time: some rows of tiles of one image, or
// several small images, so many that the transformed weights are read seldom and the transformed pixels stay in the cache.
// A transformed tile is [36][channels], for 8 channels at a time; tiles that reach beyond the outputs see zeros there.
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { i32 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import type { Emission } from "../emission.ts";
import { extentSeen } from "./bordered-band.ts";
import type { Band, Sliding } from "./bordered-band.ts";
import { eachBand } from "./sliding-product.ts";
import {
  inputTransform,
  loadPair,
  storePair,
  TILE_OUTPUTS,
  TILE_PIXELS,
  transformTile,
} from "./winograd-transforms.ts";

export const PLACES = TILE_PIXELS * TILE_PIXELS;

export interface Tiling {
  /** The windows, with outputs up to whole tiles. */
  readonly padded: Sliding;
  /** Output rows of a block, and the pixels they see. */
  readonly band: Band;
  /** Tiles beside each other. */
  readonly columns: number;
  /** Images of a block; more than one only where a block has all their rows. */
  readonly images: number;
  /** Tiles of a block. */
  readonly tiles: number;
}

export interface Block {
  /** The first row of pixels it sees, signed. */
  readonly firstRow: I32;
  readonly outputRows: number;
  readonly tileRows: number;
  readonly images: number;
  /** Of one image. */
  readonly tiles: number;
}

/** Blocks of about so many tiles. */
export function tilingOf(sliding: Sliding, wanted: number): Tiling {
  const [rows, columns] = sliding.outputs.map((extent) => Math.ceil(extent / TILE_OUTPUTS));
  const padded = { ...sliding, outputs: [rows * TILE_OUTPUTS, columns * TILE_OUTPUTS] as const };
  const tileRows = Math.min(rows, Math.ceil(wanted / columns));
  const rowBytes = 4 * sliding.image[2] * extentSeen(padded, 1, padded.outputs[1]);
  const outputRows = tileRows * TILE_OUTPUTS;
  const images = tileRows < rows ? 1 : Math.max(1, Math.floor(wanted / (rows * columns)));
  return {
    padded,
    band: { outputRows, rowBytes, bytes: rowBytes * extentSeen(padded, 0, outputRows) },
    columns,
    images,
    tiles: images * tileRows * columns,
  };
}

/** Emits a loop over the blocks of `images` images. A block of one image is followed by `nextImage` after the last of the
 * image's blocks; one of several leads its pointers on by itself. */
export function eachBlock(
  f: FunctionBuilder,
  sliding: Sliding,
  { band, columns, images: several }: Tiling,
  images: Local<"i32">,
  emit: (block: Block) => void,
  nextImage: () => void,
): void {
  const block = (firstRow: I32, outputRows: number, count: number): void => {
    const tileRows = Math.ceil(outputRows / TILE_OUTPUTS);
    emit({ firstRow, outputRows, tileRows, images: count, tiles: tileRows * columns });
  };
  if (several > 1) {
    const whole = (): void => block(i32.const(sliding.origin[0]), sliding.outputs[0], several);
    f.repeat(f.local("i32", i32.div_u(images, i32.const(several))), whole);
    f.set(images, i32.rem_u(images, i32.const(several)));
  }
  f.repeat(images, () => {
    eachBand(f, sliding, band, (firstRow, outputRows) => block(firstRow, outputRows, 1));
    nextImage();
  });
}

/** Bytes from one transformed tile to the next: an odd number of cache lines, or tiles would compete for the same places
 * in the cache. */
export function tileBytes(channels: number): number {
  const lines = Math.ceil((4 * PLACES * channels) / 64);
  return 64 * (lines + 1 - (lines % 2));
}

/** The function (band, V): rows × columns of tiles become Bᵀ·x·B. */
export function inputFunction(
  module: Emission["module"],
  { padded, band, columns }: Tiling,
  rows: number,
  stash: number,
): FunctionBuilder {
  const channels = padded.image[2];
  const { rowBytes } = band;
  const key = `winograd input ${[channels, rows, columns, rowBytes, stash].join(" ")}`;
  return module.shared(key, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    const pixel = 4 * channels;
    f.countDown(f.local("i32", i32.const(rows)), () => {
      f.countDown(f.local("i32", i32.const(columns)), () => {
        eachPair(f, channels, () => {
          const seen = {
            rows: TILE_PIXELS,
            columns: TILE_PIXELS,
            load: (row: number, column: number) => loadPair(f, from, row * rowBytes + column * pixel),
          };
          transformTile(f, seen, stash, inputTransform, (row, line) =>
            line.forEach((pair, column) => storePair(f, to, pair, (TILE_PIXELS * row + column) * pixel)),
          );
          f.advance(from, 32);
          f.advance(to, 32);
        });
        f.advance(from, (TILE_OUTPUTS - 1) * pixel);
        f.advance(to, tileBytes(channels) - pixel);
      });
      f.advance(from, TILE_OUTPUTS * (rowBytes - columns * pixel));
    });
  });
}

/** Emits a loop over 8 channels at a time. */
export function eachPair(f: FunctionBuilder, channels: number, emit: () => void): void {
  f.countDown(f.local("i32", i32.const(channels / 8)), emit);
}

/** A tile's outputs that exist; whole tiles, then what is left of one. */
export function cutsOf(extent: number): { readonly count: number; readonly size: number }[] {
  return [
    { count: Math.floor(extent / TILE_OUTPUTS), size: TILE_OUTPUTS },
    { count: 1, size: extent % TILE_OUTPUTS },
  ].filter(({ count, size }) => count * size > 0);
}

/** Emits a loop over the tiles of an image of outputs, (rows, columns), in memory: `emit` gets the extents of what exists of
 * a tile, for 8 channels at a time, and `afterTile` leads its pointers from the end of one to the next.  */
export function eachCutTile(
  f: FunctionBuilder,
  [height, width]: readonly [number, number],
  channels: number,
  emit: (height: number, width: number) => void,
  afterTile: (width: number) => void,
  afterRow: (height: number) => void,
): void {
  for (const row of cutsOf(height)) {
    f.countDown(f.local("i32", i32.const(row.count)), () => {
      for (const column of cutsOf(width)) {
        f.countDown(f.local("i32", i32.const(column.count)), () => {
          eachPair(f, channels, () => emit(row.size, column.size));
          afterTile(column.size);
        });
      }
      afterRow(row.size);
    });
  }
}
