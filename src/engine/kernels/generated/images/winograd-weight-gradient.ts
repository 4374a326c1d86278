// The gradient of the weights of 3 × 3 windows in 4/9 of the multiplications (winograd-transforms.ts): the transpose of
// what the forward product does, tile by tile,
//   dW += Gᵀ[ Σ over images and tiles of (A·dy·Aᵀ) ⊙ (Bᵀ·x·B) ]G
// Loops, outermost first:
//   image, band of tile rows    copied with its border; V [16][tiles][C] = Bᵀ·x·B, D [16][tiles][O] = A·dy·Aᵀ
//   16 places, panel            P [16][C][O] += Vᵀ·D, one product for each place, its k the tiles of the band
// and at the end, once for the batch, dW += Gᵀ·P·G.
import type { OperationOf } from "../../../operations.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { i32, memory } from "../../wasm/instructions.ts";
import type { Emission } from "../emission.ts";
import { emitBand, emitBorder } from "./bordered-band.ts";
import type { Sliding } from "./bordered-band.ts";
import { scratchParts } from "./scratch-parts.ts";
import { evenTiles, slidingKernel, SPILL_BYTES, tileHeight } from "./sliding-kernel.ts";
import { eachBand } from "./sliding-product.ts";
import { eachTile, inputFunction, PLACES, wholeBand } from "./winograd-product.ts";
import type { TileShape } from "./winograd-product.ts";
import {
  add,
  loadPair,
  outputGradientTransform,
  storePair,
  transformTile,
  weightGradientTransform,
} from "./winograd-transforms.ts";

/** Tiles of a band: P is read and written once for so many. */
const TILES_WANTED = 64;
const FOUR = [0, 1, 2, 3] as const;
const TWO = [0, 1] as const;

export function emitWinogradWeightGradient(
  { x, dy, dW }: OperationOf<"conv2d_weight_gradient">,
  sliding: Sliding,
  emission: Emission,
): void {
  const { module, arithmetic, f, rows, address } = emission;
  const [channels, outputs] = [sliding.image[2], dy.shape[2]];
  const key = `winograd weight gradient ${outputs} ${JSON.stringify(sliding)}`;
  const run = module.shared(key, Array(4).fill("i32" as const), (body) => {
    const [image, gradient, result, images] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
    const tileColumns = sliding.outputs[1] / 2;
    const tileRows = Math.min(sliding.outputs[0] / 2, Math.ceil(TILES_WANTED / tileColumns));
    const most = tileRows * tileColumns;
    const band = wholeBand(sliding, 2 * tileRows);
    const [spill, bandPlace, V, D, P] = scratchParts(emission, [
      SPILL_BYTES,
      band.bytes,
      4 * PLACES * most * channels,
      4 * PLACES * most * outputs,
      4 * PLACES * channels * outputs,
    ]);

    emitBorder(body, band, bandPlace);
    body.emit(memory.fill(i32.const(P), i32.const(0), i32.const(4 * PLACES * channels * outputs)));
    body.countDown(images, () => {
      eachBand(body, sliding, band, (firstRow, outputRows) => {
        const place = emitBand(body, sliding, band, bandPlace, image, firstRow, outputRows);
        const shape: TileShape = { channels, rows: outputRows / 2, columns: tileColumns };
        const tiles = shape.rows * shape.columns;
        body.call(inputFunction(module, shape, band.rowBytes), place, i32.const(V));
        body.call(gradientFunction(module, { ...shape, channels: outputs }), gradient, i32.const(D));
        for (let index = 0; index < PLACES; index++) {
          for (let first = 0; first < outputs; first += arithmetic.tile.columns) {
            const columns = Math.min(arithmetic.tile.columns, outputs - first);
            const sum = placeFunction(emission, { tiles, channels, outputs, columns, spill });
            const a = i32.const(V + 4 * index * tiles * channels);
            const b = i32.const(D + 4 * (index * tiles * outputs + first));
            body.call(sum, a, b, i32.const(P + 4 * (index * channels * outputs + first)));
          }
        }
        body.advance(gradient, 4 * outputRows * sliding.outputs[1] * outputs);
      });
      body.advance(image, 4 * sliding.image[0] * sliding.image[1] * channels);
    });
    body.call(finishFunction(module, channels * outputs), i32.const(P), result);
  });
  f.call(run, address(x), address(dy), address(dW), rows);
}

/** The function (dy, D). */
function gradientFunction(module: Emission["module"], shape: TileShape): FunctionBuilder {
  const { channels, rows, columns } = shape;
  return module.shared(`winograd gradient ${JSON.stringify(shape)}`, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    const pixel = 4 * channels;
    const rowBytes = 2 * columns * pixel;
    eachTile(
      f,
      shape,
      () => {
        const given = TWO.map((row) => TWO.map((column) => loadPair(f, from, row * rowBytes + column * pixel)));
        transformTile(f, given, outputGradientTransform).forEach((line, row) =>
          line.forEach((pair, column) => storePair(f, to, pair, (4 * row + column) * rows * columns * pixel)),
        );
        f.advance(from, 32);
        f.advance(to, 32);
      },
      () => f.advance(from, pixel),
      () => f.advance(from, rowBytes),
    );
  });
}

interface Place {
  readonly tiles: number;
  readonly channels: number;
  readonly outputs: number;
  readonly columns: number;
  readonly spill: number;
}

/** The function (a, b, c): c += aᵀ·b for one place and panel, channels (rows) × tiles (k) × the panel's columns. */
function placeFunction({ module, arithmetic }: Emission, place: Place): FunctionBuilder {
  const { tiles, channels, outputs, columns, spill } = place;
  const key = `winograd gradient place ${[tiles, channels, outputs, columns].join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [a, b, c] = [0, 1, 2].map((position) => f.parameter(position, "i32"));
    for (const tile of evenTiles(channels, tileHeight(arithmetic.tile, columns))) {
      const kernel = slidingKernel(module, {
        rows: tile.height,
        columns,
        fused: arithmetic.fused,
        start: "load",
        relu: false,
        aRow: 4,
        path: [{ count: tiles, step: 4 * channels }],
        bStep: 4 * outputs,
        cRow: 4 * outputs,
        spill,
      });
      f.countDown(f.local("i32", i32.const(tile.count)), () => {
        f.call(kernel, a, b, c, i32.const(0));
        f.advance(a, 4 * tile.height);
        f.advance(c, 4 * tile.height * outputs);
      });
    }
  });
}

/** The function (P, dW), over `size` pairs of channels. */
function finishFunction(module: Emission["module"], size: number): FunctionBuilder {
  return module.shared(`winograd weight sums ${size}`, ["i32", "i32"], (f) => {
    const [from, to] = [f.parameter(0, "i32"), f.parameter(1, "i32")];
    f.countDown(f.local("i32", i32.const(size / 8)), () => {
      const sums = FOUR.map((row) => FOUR.map((column) => loadPair(f, from, 4 * (4 * row + column) * size)));
      transformTile(f, sums, weightGradientTransform).forEach((line, row) =>
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
