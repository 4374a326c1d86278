// The gradient of the weights of 3 × 3 windows in a quarter of the multiplications (winograd-transforms.ts): the transpose
// of what the forward product does, tile by tile,
//   dW += Gᵀ[ Σ over images and tiles of (A·dy·Aᵀ) ⊙ (Bᵀ·x·B) ]G
// Loops, outermost first:
//   block of tiles      (winograd-tiles.ts) of the rows of one image, or of several images
//     image             copied with its border, and dy; V [tile][36][C] = Bᵀ·x·B, D [tile][36][O] = A·dy·Aᵀ
//     36 places, panel  P [36][C][O] += Vᵀ·D, one product for each place, its k the tiles of the block
// and at the end, once for the batch, dW += Gᵀ·P·G.
import type { OperationOf } from "../../../operations.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { f32x4, i32, memory } from "../../wasm/instructions.ts";
import type { Emission } from "../emission.ts";
import { emitBand, emitBorder } from "./bordered-band.ts";
import type { Sliding } from "./bordered-band.ts";
import { scratchParts } from "./scratch-parts.ts";
import { evenTiles, slidingKernel, SPILL_BYTES, tileHeight } from "./sliding-kernel.ts";
import { eachBlock, eachCutTile, inputFunction, PLACES, tileBytes, tilingOf } from "./winograd-tiles.ts";
import type { Block } from "./winograd-tiles.ts";
import {
  add,
  loadPair,
  outputGradientTransform,
  STASH_BYTES,
  storePair,
  TILE_OUTPUTS,
  TILE_PIXELS,
  transformTile,
  weightGradientTransform,
} from "./winograd-transforms.ts";
import type { Pair } from "./winograd-transforms.ts";

/** Tiles of a block: P is read and written once for so many. */
const TILES_WANTED = 32;

export function emitWinogradWeightGradient(
  { x, dy, dW }: OperationOf<"conv2d_weight_gradient">,
  sliding: Sliding,
  emission: Emission,
): void {
  const { module, f, rows, address } = emission;
  const [channels, outputs] = [sliding.image[2], dy.shape[2]];
  const key = `winograd weight gradient ${outputs} ${JSON.stringify(sliding)}`;
  const run = module.shared(key, Array(4).fill("i32" as const), (body) => {
    const [image, gradient, result, images] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
    const tiling = tilingOf(sliding, TILES_WANTED);
    const { band } = tiling;
    const rowBytes = 4 * sliding.outputs[1] * outputs;
    const [spill, stash, bandPlace, rowsPlace, V, D, P] = scratchParts(emission, [
      SPILL_BYTES,
      STASH_BYTES,
      band.bytes,
      band.outputRows * rowBytes,
      tiling.tiles * tileBytes(channels),
      tiling.tiles * tileBytes(outputs),
      4 * PLACES * channels * outputs,
    ]);

    emitBorder(body, band, bandPlace);
    body.emit(memory.fill(i32.const(P), i32.const(0), i32.const(4 * PLACES * channels * outputs)));
    const nextImage = (): void => body.advance(image, 4 * sliding.image[0] * sliding.image[1] * channels);
    const emit = ({ firstRow, outputRows, tileRows, images: several, tiles }: Block): void => {
      const [toV, toD] = [body.local("i32", i32.const(V)), body.local("i32", i32.const(D))];
      body.countDown(body.local("i32", i32.const(several)), () => {
        const at = emitBand(body, tiling.padded, band, bandPlace, image, firstRow, tileRows * TILE_OUTPUTS);
        body.call(inputFunction(module, tiling, tileRows, stash), at, toV);
        body.emit(memory.copy(i32.const(rowsPlace), gradient, i32.const(outputRows * rowBytes)));
        body.call(
          gradientFunction(module, [outputRows, sliding.outputs[1]], outputs, stash),
          i32.const(rowsPlace),
          toD,
        );
        body.advance(toV, tiles * tileBytes(channels));
        body.advance(toD, tiles * tileBytes(outputs));
        body.advance(gradient, outputRows * rowBytes);
        if (several > 1) nextImage();
      });
      const sums = productFunction(emission, { tiles: several * tiles, channels, outputs, spill });
      body.call(sums, i32.const(V), i32.const(D), i32.const(P));
    };
    eachBlock(body, sliding, tiling, images, emit, nextImage);
    body.call(finishFunction(module, channels * outputs, stash), i32.const(P), result);
  });
  f.call(run, address(x), address(dy), address(dW), rows);
}

/** The function (dy, D), over the tiles of some output rows of one image. */
function gradientFunction(
  module: Emission["module"],
  extents: readonly [number, number],
  channels: number,
  stash: number,
): FunctionBuilder {
  return module.shared(`winograd gradient ${[...extents, channels, stash].join(" ")}`, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    const pixel = 4 * channels;
    const rowBytes = extents[1] * pixel;
    const none = (): Pair => [f.local("v128", f32x4.const(0)), f.local("v128", f32x4.const(0))];
    const emit = (height: number, width: number): void => {
      const given = {
        rows: TILE_OUTPUTS,
        columns: TILE_OUTPUTS,
        load: (row: number, column: number) =>
          row < height && column < width ? loadPair(f, from, row * rowBytes + column * pixel) : none(),
      };
      transformTile(f, given, stash, outputGradientTransform, (row, line) =>
        line.forEach((pair, column) => storePair(f, to, pair, (TILE_PIXELS * row + column) * pixel)),
      );
      f.advance(from, 32);
      f.advance(to, 32);
    };
    const afterTile = (width: number): void => {
      f.advance(from, (width - 1) * pixel);
      f.advance(to, tileBytes(channels) - pixel);
    };
    eachCutTile(f, extents, channels, emit, afterTile, (height) => f.advance(from, (height - 1) * rowBytes));
  });
}

interface Products {
  readonly tiles: number;
  readonly channels: number;
  readonly outputs: number;
  readonly spill: number;
}

/** The function (a, b, c): c += aᵀ·b at each place, channels (rows) × tiles (k) × outputs. */
function productFunction({ module, arithmetic }: Emission, shape: Products): FunctionBuilder {
  const { tiles, channels, outputs, spill } = shape;
  const key = `winograd gradient products ${[tiles, channels, outputs, spill].join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [a, b, c] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    const width = arithmetic.tile.columns;
    const [from, beside, to] = [f.local("i32"), f.local("i32"), f.local("i32")];
    f.countDown(f.local("i32", i32.const(PLACES)), () => {
      for (let first = 0; first < outputs; first += width) {
        const columns = Math.min(width, outputs - first);
        f.set(from, a);
        f.set(beside, i32.add(b, i32.const(4 * first)));
        f.set(to, i32.add(c, i32.const(4 * first)));
        for (const tile of evenTiles(channels, tileHeight(arithmetic.tile, columns))) {
          const kernel = slidingKernel(module, {
            rows: tile.height,
            columns,
            fused: arithmetic.fused,
            start: "load",
            relu: false,
            aRow: 4,
            path: [{ count: tiles, step: tileBytes(channels) }],
            bStep: tileBytes(outputs),
            cRow: 4 * outputs,
            spill,
          });
          f.countDown(f.local("i32", i32.const(tile.count)), () => {
            f.call(kernel, from, beside, to, i32.const(0));
            f.advance(from, 4 * tile.height);
            f.advance(to, 4 * tile.height * outputs);
          });
        }
      }
      f.advance(a, 4 * channels);
      f.advance(b, 4 * outputs);
      f.advance(c, 4 * channels * outputs);
    });
  });
}

/** The function (P, dW), over `size` pairs of channels. */
function finishFunction(module: Emission["module"], size: number, stash: number): FunctionBuilder {
  return module.shared(`winograd weight sums ${size} ${stash}`, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    f.countDown(f.local("i32", i32.const(size / 8)), () => {
      const sums = {
        rows: TILE_PIXELS,
        columns: TILE_PIXELS,
        load: (row: number, column: number) => loadPair(f, from, 4 * (TILE_PIXELS * row + column) * size),
      };
      transformTile(f, sums, stash, weightGradientTransform, (row, line) =>
        line.forEach((pair, column) => {
          const place = 4 * (3 * row + column) * size;
          storePair(f, to, add(f, loadPair(f, to, place), pair), place);
        }),
      );
      f.advance(from, 32);
      f.advance(to, 32);
    });
  });
}
