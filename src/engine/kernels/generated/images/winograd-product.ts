// A product of sliding windows of 3 × 3 pixels and weights in 4/9 of the multiplications (winograd-transforms.ts), for
// kernels with fused multiply-add: the sums are others than the reference's, close to them. Loops, outermost first:
//   weights                     packed in panels, transformed once for the whole batch: U [panel][16][C][panel's columns]
//   image, band of tile rows    copied with its border (bordered-band.ts), at least 16 tiles where the image has them
//   tile, 8 channels            V [16][tiles][C] = Bᵀ·x·B
//   16 places, panel            M [16][tiles][O] = V·U, one small product for each place in a tile (sliding-kernel.ts)
//   tile, 8 channels            y = Aᵀ·M·A
// V and M of a band stay in the second cache. No sum leaves its image, so a row does not depend on its batch.
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32, v128 } from "../../wasm/instructions.ts";
import { vectorsFor } from "../columns.ts";
import type { Arithmetic, Emission } from "../emission.ts";
import { emitBand, emitBorder, extentSeen } from "./bordered-band.ts";
import type { Band, Sliding } from "./bordered-band.ts";
import { scratchParts } from "./scratch-parts.ts";
import { evenTiles, slidingKernel, SPILL_BYTES, tileHeight } from "./sliding-kernel.ts";
import { eachBand } from "./sliding-product.ts";
import type { Pack, SlidingProduct } from "./sliding-product.ts";
import {
  add,
  inputTransform,
  loadPair,
  outputTransform,
  storePair,
  transformTile,
  weightTransform,
} from "./winograd-transforms.ts";

/** Fewer channels cost more to transform than the multiplications they save: measured, of products and of weight gradients. */
const FEWEST_CHANNELS = { product: 16, weightGradient: 32 } as const;
export const PLACES = 16;
const TILES_WANTED = 16;
const FOUR = [0, 1, 2, 3] as const;
const THREE = [0, 1, 2] as const;

/** Transformed weights, or their gradients, stay in the last cache. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Whether windows of 3 × 3 neighbouring pixels give an even number of outputs, and the channels come in eights. */
export function suitsWinograd(
  sliding: Sliding,
  columns: number,
  { fused }: Arithmetic,
  use: keyof typeof FEWEST_CHANNELS,
): boolean {
  const { taps, stride, dilation, outputs, image } = sliding;
  const isPlain = [0, 1].every((d) => taps[d] === 3 && stride[d] === 1 && dilation[d] === 1 && outputs[d] % 2 === 0);
  const isWide = [image[2], columns].every((width) => width % 8 === 0 && width >= FEWEST_CHANNELS[use]);
  return fused && isPlain && isWide && 4 * PLACES * image[2] * columns <= MOST_BYTES;
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
    const { outputs, columns } = product;
    const channels = product.image[2];
    const tileColumns = outputs[1] / 2;
    const tileRows = Math.min(outputs[0] / 2, Math.ceil(TILES_WANTED / tileColumns));
    const most = tileRows * tileColumns;
    const band = wholeBand(product, 2 * tileRows);
    const width = arithmetic.tile.columns;
    const panels = Math.ceil(columns / width);
    const panelBytes = 4 * channels * width;

    const [spill, bandPlace, U, packed, V, M] = scratchParts(emission, [
      SPILL_BYTES,
      band.bytes,
      panels * PLACES * panelBytes,
      9 * panelBytes,
      4 * PLACES * most * channels,
      4 * PLACES * most * columns,
    ]);

    for (let panel = 0; panel < panels; panel++) {
      const panelColumns = Math.min(width, columns - panel * width);
      pack(f, weights, panel * width, panelColumns, packed);
      f.call(
        weightFunction(module, channels, panelColumns),
        i32.const(packed),
        i32.const(U + panel * PLACES * panelBytes),
      );
    }
    emitBorder(f, band, bandPlace);
    f.countDown(images, () => {
      eachBand(f, product, band, (firstRow, outputRows) => {
        const place = emitBand(f, product, band, bandPlace, image, firstRow, outputRows);
        const shape: TileShape = { channels, rows: outputRows / 2, columns: tileColumns };
        const tiles = shape.rows * shape.columns;
        f.call(inputFunction(module, shape, band.rowBytes), place, i32.const(V));
        for (let index = 0; index < PLACES; index++) {
          for (let panel = 0; panel < panels; panel++) {
            const panelColumns = Math.min(width, columns - panel * width);
            const at = {
              a: i32.const(V + 4 * index * tiles * channels),
              b: i32.const(U + panel * PLACES * panelBytes + index * 16 * vectorsFor(panelColumns).length * channels),
              c: i32.const(M + 4 * (index * tiles * columns + panel * width)),
            };
            const run = placeFunction(emission, { tiles, channels, columns, panelColumns, spill });
            f.call(run, at.a, at.b, at.c);
          }
        }
        f.call(outputFunction(module, { ...shape, channels: columns }, product), i32.const(M), bias, result);
        f.advance(result, outputRows * product.resultRow);
      });
      f.advance(image, 4 * product.image[0] * product.image[1] * channels);
      f.advance(result, product.resultImage - outputs[0] * product.resultRow);
    });
  });
}

export interface TileShape {
  /** Of what is transformed. */
  readonly channels: number;
  /** Tiles below and beside each other. */
  readonly rows: number;
  readonly columns: number;
}

/** A band is copied also where the image needs no border: its rows then lie together. */
export function wholeBand(product: Sliding, outputRows: number): Band {
  const rowBytes = 4 * product.image[2] * extentSeen(product, 1, product.outputs[1]);
  return { outputRows, rowBytes, bytes: rowBytes * extentSeen(product, 0, outputRows) };
}

/** The function (packed, U): a panel [3·3][C][columns] becomes [16][C][columns]. */
function weightFunction(module: Emission["module"], channels: number, columns: number): FunctionBuilder {
  const width = 16 * vectorsFor(columns).length;
  return module.shared(`winograd weights ${channels} ${columns}`, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    f.countDown(f.local("i32", i32.const((channels * width) / 32)), () => {
      const window = THREE.map((row) =>
        THREE.map((column) => loadPair(f, from, (3 * row + column) * channels * width)),
      );
      transformTile(f, window, weightTransform).forEach((line, row) =>
        line.forEach((pair, column) => storePair(f, to, pair, (4 * row + column) * channels * width)),
      );
      f.advance(from, 32);
      f.advance(to, 32);
    });
  });
}

/** The function (band, V). */
export function inputFunction(module: Emission["module"], shape: TileShape, rowBytes: number): FunctionBuilder {
  const { channels, rows, columns } = shape;
  return module.shared(`winograd input ${rowBytes} ${JSON.stringify(shape)}`, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    const placeBytes = 4 * rows * columns * channels;
    eachTile(
      f,
      shape,
      () => {
        const seen = FOUR.map((row) => FOUR.map((column) => loadPair(f, from, row * rowBytes + 4 * column * channels)));
        transformTile(f, seen, inputTransform).forEach((line, row) =>
          line.forEach((pair, column) => storePair(f, to, pair, (4 * row + column) * placeBytes)),
        );
        f.advance(from, 32);
        f.advance(to, 32);
      },
      () => f.advance(from, 4 * channels),
      () => f.advance(from, 2 * rowBytes - 8 * columns * channels),
    );
  });
}

/** The function (M, bias, result). */
function outputFunction(
  module: Emission["module"],
  shape: TileShape,
  { resultRow, resultPixel, bias: biased, relu }: SlidingProduct,
): FunctionBuilder {
  const { channels, rows, columns } = shape;
  const key = `winograd output ${JSON.stringify([shape, resultRow, resultPixel, biased, relu])}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [from, bias, to] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    const placeBytes = 4 * rows * columns * channels;
    eachTile(
      f,
      shape,
      () => {
        const products = FOUR.map((row) => FOUR.map((column) => loadPair(f, from, (4 * row + column) * placeBytes)));
        const shift = biased ? loadPair(f, bias, 0) : null;
        transformTile(f, products, outputTransform).forEach((line, row) =>
          line.forEach((pair, column) => {
            const sum = shift === null ? pair : add(f, pair, shift);
            // Not max: −0 must become 0, and a NaN must stay.
            if (relu) for (const half of sum) f.set(half, v128.andnot(half, f32x4.le(half, f32x4.const(0))));
            storePair(f, to, sum, row * resultRow + column * resultPixel);
          }),
        );
        for (const pointer of biased ? [from, to, bias] : [from, to]) f.advance(pointer, 32);
      },
      () => {
        f.advance(to, 2 * resultPixel - 4 * channels);
        if (biased) f.advance(bias, -4 * channels);
      },
      () => f.advance(to, 2 * resultRow - 2 * columns * resultPixel),
    );
  });
}

/** Emits a loop over tiles and 8 channels at a time; `afterTile` and `afterRow` lead the pointers on. */
export function eachTile(
  f: FunctionBuilder,
  { channels, rows, columns }: TileShape,
  emit: () => void,
  afterTile: () => void,
  afterRow: () => void,
): void {
  const count = (n: number): Local<"i32"> => f.local("i32", i32.const(n));
  f.countDown(count(rows), () => {
    f.countDown(count(columns), () => {
      f.countDown(count(channels / 8), emit);
      afterTile();
    });
    afterRow();
  });
}

interface Place {
  readonly tiles: number;
  readonly channels: number;
  readonly columns: number;
  readonly panelColumns: number;
  readonly spill: number;
}

/** The function (a, b, c): one place and panel, tiles (rows) × channels (k) × the panel's columns. */
function placeFunction(
  { module, arithmetic }: Emission,
  { tiles, channels, columns, panelColumns, spill }: Place,
): FunctionBuilder {
  const key = `winograd place ${[tiles, channels, columns, panelColumns].join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [a, b, c] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    for (const tile of evenTiles(tiles, tileHeight(arithmetic.tile, panelColumns))) {
      const kernel = slidingKernel(module, {
        rows: tile.height,
        columns: panelColumns,
        fused: arithmetic.fused,
        start: "zero",
        relu: false,
        aRow: 4 * channels,
        path: [{ count: channels, step: 4 }],
        bStep: 16 * vectorsFor(panelColumns).length,
        cRow: 4 * columns,
        spill,
      });
      f.countDown(f.local("i32", i32.const(tile.count)), () => {
        f.call(kernel, a, b, c, i32.const(0));
        f.advance(a, 4 * tile.height * channels);
        f.advance(c, 4 * tile.height * columns);
      });
    }
  });
}
