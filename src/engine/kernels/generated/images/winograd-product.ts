// A product of sliding windows of 3 × 3 pixels and weights in a quarter of the multiplications (winograd-transforms.ts), for
// kernels with fused multiply-add: the sums are others than the reference's, close to them. Loops, outermost first:
//   weights             packed in panels, transformed once for the whole batch: U [36][panel][C][panel's columns]
//   block of tiles      (winograd-tiles.ts) of the rows of one image, or of several images
//     image             copied with its border (bordered-band.ts); V [tile][36][C] = Bᵀ·x·B
//     36 places, panel  M [tile][36][O] = V·U, one small product for each place in a tile (sliding-kernel.ts)
//     image             y = Aᵀ·M·A, in rows that are copied to the result: memory is faster in order than tile by tile
// V and M of a block stay in the second cache. No sum leaves its image, so a row does not depend on its batch.
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { f32x4, i32, memory, v128 } from "../../wasm/instructions.ts";
import { vectorsFor } from "../columns.ts";
import type { Arithmetic, Emission } from "../emission.ts";
import { emitBand, emitBorder } from "./bordered-band.ts";
import type { Sliding } from "./bordered-band.ts";
import { scratchParts } from "./scratch-parts.ts";
import { evenTiles, slidingKernel, SPILL_BYTES, tileHeight } from "./sliding-kernel.ts";
import type { Pack, SlidingProduct } from "./sliding-product.ts";
import { eachBlock, eachCutTile, inputFunction, PLACES, tileBytes, tilingOf } from "./winograd-tiles.ts";
import type { Block } from "./winograd-tiles.ts";
import {
  add,
  loadPair,
  outputTransform,
  STASH_BYTES,
  storePair,
  TILE_OUTPUTS,
  TILE_PIXELS,
  transformTile,
  weightTransform,
} from "./winograd-transforms.ts";

/** Fewer channels cost more to transform than the multiplications they save: measured. */
const FEWEST_CHANNELS = 16;
/** U is read once for so many tiles: four times the rows of a tile of products. */
const TILES_WANTED = 24;

/** Transformed weights, or their gradients, stay in the last cache. */
const MOST_BYTES = 12 * 1024 * 1024;

/** Whether windows of 3 × 3 neighbouring pixels give outputs that fill at least half of their tiles, and the channels come
 * in eights. */
export function suitsWinograd(sliding: Sliding, columns: number, { fused }: Arithmetic): boolean {
  const { taps, stride, dilation, outputs, image, groups } = sliding;
  const isPlain = [0, 1].every((d) => taps[d] === 3 && stride[d] === 1 && dilation[d] === 1);
  const inTiles = outputs.map((extent) => TILE_OUTPUTS * Math.ceil(extent / TILE_OUTPUTS));
  const isFull = inTiles[0] * inTiles[1] <= 2 * outputs[0] * outputs[1];
  const isWide = [image[2], columns].every((width) => width % 8 === 0 && width >= FEWEST_CHANNELS);
  return fused && groups === 1 && isPlain && isFull && isWide && 4 * PLACES * image[2] * columns <= MOST_BYTES;
}

/** The function (image, weights, bias, result, images), as `slidingProduct`. */
export function winogradProduct(
  emission: Emission,
  product: SlidingProduct,
  packing: string,
  pack: Pack,
): FunctionBuilder {
  const { module, arithmetic } = emission;
  return module.shared(`winograd ${packing} ${JSON.stringify(product)}`, Array(5).fill("i32" as const), (f) => {
    const [image, weights, bias, result, images] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
    const { columns } = product;
    const channels = product.image[2];
    const tiling = tilingOf(product, TILES_WANTED);
    const { band } = tiling;
    const width = arithmetic.tile.columns;
    // Not a phase of a larger stride: others' pixels lie between those of a phase.
    const hasRows = product.resultPixel === 4 * columns && product.resultRow === 4 * columns * product.outputs[1];

    const [spill, stash, bandPlace, U, packed, V, M, rowsPlace] = scratchParts(emission, [
      SPILL_BYTES,
      STASH_BYTES,
      band.bytes,
      4 * PLACES * channels * columns,
      36 * channels * width,
      tiling.tiles * tileBytes(channels),
      tiling.tiles * tileBytes(columns),
      hasRows ? band.outputRows * product.resultRow : 0,
    ]);

    for (let first = 0; first < columns; first += width) {
      const panelColumns = Math.min(width, columns - first);
      pack(f, weights, first, panelColumns, packed);
      const transform = weightFunction(module, channels, panelColumns, 4 * channels * columns, stash);
      f.call(transform, i32.const(packed), i32.const(U + 4 * channels * first));
    }
    emitBorder(f, band, bandPlace);

    const nextInput = (): void => f.advance(image, 4 * product.image[0] * product.image[1] * channels);
    const nextResult = (): void => f.advance(result, product.resultImage - product.outputs[0] * product.resultRow);
    const emit = ({ firstRow, outputRows, tileRows, images: several, tiles }: Block): void => {
      const [to, from] = [f.local("i32", i32.const(V)), f.local("i32", i32.const(M))];
      f.countDown(f.local("i32", i32.const(several)), () => {
        const at = emitBand(f, tiling.padded, band, bandPlace, image, firstRow, tileRows * TILE_OUTPUTS);
        f.call(inputFunction(module, tiling, tileRows, stash), at, to);
        f.advance(to, tiles * tileBytes(channels));
        if (several > 1) nextInput();
      });
      const products = productFunction(emission, { tiles: several * tiles, channels, columns, spill });
      f.call(products, i32.const(V), i32.const(U), i32.const(M));
      f.countDown(f.local("i32", i32.const(several)), () => {
        f.call(outputFunction(module, outputRows, product, stash), from, bias, hasRows ? i32.const(rowsPlace) : result);
        if (hasRows) f.emit(memory.copy(result, i32.const(rowsPlace), i32.const(outputRows * product.resultRow)));
        f.advance(from, tiles * tileBytes(columns));
        f.advance(result, outputRows * product.resultRow);
        if (several > 1) nextResult();
      });
    };
    eachBlock(f, product, tiling, images, emit, () => {
      nextInput();
      nextResult();
    });
  });
}

/** The function (packed, U): a panel [3·3][C][columns] becomes [36], `placeBytes` apart, [C][columns]. */
function weightFunction(
  module: Emission["module"],
  channels: number,
  columns: number,
  placeBytes: number,
  stash: number,
): FunctionBuilder {
  const bytes = 4 * channels * columns;
  return module.shared(`winograd weights ${[channels, columns, placeBytes, stash].join(" ")}`, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    f.countDown(f.local("i32", i32.const(bytes / 32)), () => {
      const window = {
        rows: 3,
        columns: 3,
        load: (row: number, column: number) => loadPair(f, from, (3 * row + column) * bytes),
      };
      transformTile(f, window, stash, weightTransform, (row, line) =>
        line.forEach((pair, column) => storePair(f, to, pair, (TILE_PIXELS * row + column) * placeBytes)),
      );
      f.advance(from, 32);
      f.advance(to, 32);
    });
  });
}

/** The function (M, bias, result), over the tiles of `outputRows` rows of one image. */
function outputFunction(
  module: Emission["module"],
  outputRows: number,
  { outputs, columns: channels, resultRow, resultPixel, bias: biased, relu }: SlidingProduct,
  stash: number,
): FunctionBuilder {
  const extents = [outputRows, outputs[1]] as const;
  const key = `winograd output ${JSON.stringify([extents, channels, resultRow, resultPixel, biased, relu, stash])}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [from, bias, to] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    const pixel = 4 * channels;
    const products = {
      rows: TILE_PIXELS,
      columns: TILE_PIXELS,
      load: (row: number, column: number) => loadPair(f, from, (TILE_PIXELS * row + column) * pixel),
    };
    const emit = (height: number, width: number): void => {
      const shift = biased ? loadPair(f, bias, 0) : null;
      transformTile(f, products, stash, outputTransform, (row, line) => {
        if (row >= height) return;
        line.slice(0, width).forEach((pair, column) => {
          const sum = shift === null ? pair : add(f, pair, shift);
          // Not max: −0 must become 0, and a NaN must stay.
          if (relu) for (const half of sum) f.set(half, v128.andnot(half, f32x4.le(half, f32x4.const(0))));
          storePair(f, to, sum, row * resultRow + column * resultPixel);
        });
      });
      for (const pointer of biased ? [from, to, bias] : [from, to]) f.advance(pointer, 32);
    };
    const afterTile = (width: number): void => {
      f.advance(from, tileBytes(channels) - pixel);
      f.advance(to, width * resultPixel - pixel);
      if (biased) f.advance(bias, -pixel);
    };
    eachCutTile(f, extents, channels, emit, afterTile, (height) =>
      f.advance(to, height * resultRow - outputs[1] * resultPixel),
    );
  });
}

interface Products {
  readonly tiles: number;
  readonly channels: number;
  readonly columns: number;
  readonly spill: number;
}

/** The function (a, b, c): at each place, tiles (rows) × channels (k) × columns. */
function productFunction(
  { module, arithmetic }: Emission,
  { tiles, channels, columns, spill }: Products,
): FunctionBuilder {
  const key = `winograd products ${[tiles, channels, columns, spill].join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [a, b, c] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    const [aRow, cRow] = [tileBytes(channels), tileBytes(columns)];
    const width = arithmetic.tile.columns;
    const [from, to] = [f.local("i32"), f.local("i32")];
    f.countDown(f.local("i32", i32.const(PLACES)), () => {
      for (let first = 0; first < columns; first += width) {
        const panelColumns = Math.min(width, columns - first);
        f.set(from, a);
        f.set(to, i32.add(c, i32.const(4 * first)));
        for (const tile of evenTiles(tiles, tileHeight(arithmetic.tile, panelColumns))) {
          const kernel = slidingKernel(module, {
            rows: tile.height,
            columns: panelColumns,
            fused: arithmetic.fused,
            start: "zero",
            relu: false,
            aRow,
            path: [{ count: channels, step: 4 }],
            bStep: 16 * vectorsFor(panelColumns).length,
            cRow,
            spill,
          });
          f.countDown(f.local("i32", i32.const(tile.count)), () => {
            f.call(kernel, from, b, to, i32.const(0));
            f.advance(from, tile.height * aRow);
            f.advance(to, tile.height * cRow);
          });
        }
        f.advance(b, 16 * vectorsFor(panelColumns).length * channels);
      }
      f.advance(a, 4 * channels);
      f.advance(c, 4 * columns);
    });
  });
}
