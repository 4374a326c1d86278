// A product of sliding windows and weights: forward convolution, and the gradient of its input. Loops, outermost first:
//   panels of output channels   each of one group; as many as fit half a megabyte, packed once for the whole batch
//   image, band of output rows  the band copied with its border (bordered-band.ts)
//   panel, output row, tile     neighbouring pixels of one output row are the rows of a tile (sliding-kernel.ts)
// Every sum runs over window rows, window columns, channels, in this order, whatever the batch, the band and the tile.
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { i32 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import { vectorsFor } from "../columns.ts";
import type { Emission } from "../emission.ts";
import { bandOf, channelsSeen, emitBand, emitBorder } from "./bordered-band.ts";
import type { Band, Sliding } from "./bordered-band.ts";
import { scratchParts } from "./scratch-parts.ts";
import { evenTiles, slidingKernel, SPILL_BYTES, tileHeight } from "./sliding-kernel.ts";
import type { SlidingKernel, Stride } from "./sliding-kernel.ts";

export interface SlidingProduct extends Sliding {
  /** Channels of the result. */
  readonly columns: number;
  /** Bytes of the result from one output row, pixel, image to the next. */
  readonly resultRow: number;
  readonly resultPixel: number;
  readonly resultImage: number;
  readonly bias: boolean;
  readonly relu: boolean;
}

/** Emits the copy of a panel of weights, `columns` wide from `first` on, to the address in `to`, [k][columns]. */
export type Pack = (f: FunctionBuilder, weights: I32, first: number, columns: number, to: number) => void;

/** Packed weights that stay in the second cache; one panel at least is packed whatever its size. */
const BLOCK_BYTES = 512 * 1024;

/** The function (image, weights, bias, result, images). */
export function slidingProduct(
  { module, arithmetic, scratch }: Emission,
  product: SlidingProduct,
  packing: string,
  pack: Pack,
): FunctionBuilder {
  const key = `sliding product ${packing} ${JSON.stringify(product)}`;
  return module.shared(key, ["i32", "i32", "i32", "i32", "i32"], (f) => {
    const [image, weights, bias, result, images] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
    const { tile, fused } = arithmetic;
    const band = bandOf(product);
    const panelBytes = 4 * depthOf(product) * tile.columns;
    const all = panelsOf(product, tile.columns);
    const blockPanels = Math.min(all.length, Math.max(1, Math.floor(BLOCK_BYTES / panelBytes)));
    const [spill, bandPlace, packed] = scratchParts({ scratch }, [SPILL_BYTES, band.bytes, blockPanels * panelBytes]);
    emitBorder(f, band, bandPlace);

    for (let start = 0; start < all.length; start += blockPanels) {
      const panels = all
        .slice(start, start + blockPanels)
        .map((panel, index) => ({ ...panel, place: packed + index * panelBytes }));
      for (const panel of panels) pack(f, weights, panel.first, panel.columns, panel.place);
      const from = f.local("i32", image);
      const to = f.local("i32", result);
      const emitRows = (firstRow: I32, outputRows: number): void => {
        const place = emitBand(f, product, band, bandPlace, from, firstRow, outputRows);
        for (const panel of panels) {
          const rows = outputRowsFunction(module, product, band, {
            columns: panel.columns,
            fused,
            spill,
            height: tileHeight(tile, panel.columns),
          });
          const offset = i32.const(4 * panel.first);
          f.call(
            rows,
            i32.add(place, i32.const(4 * panel.channel)),
            i32.const(panel.place),
            i32.add(to, offset),
            i32.add(bias, offset),
            i32.const(outputRows),
          );
        }
        f.advance(to, outputRows * product.resultRow);
      };
      const left = f.local("i32", images);
      f.countDown(left, () => {
        eachBand(f, product, band, emitRows);
        f.advance(from, 4 * product.image[0] * product.image[1] * product.image[2]);
        f.advance(to, product.resultImage - product.outputs[0] * product.resultRow);
      });
    }
  });
}

/** Emits a loop over whole bands, then what is left; gives the first pixel row each sees. */
export function eachBand(
  f: FunctionBuilder,
  { origin, stride, outputs }: Sliding,
  { outputRows }: Band,
  emit: (firstRow: I32, outputRows: number) => void,
): void {
  const firstRow = f.local("i32", i32.const(origin[0]));
  const [whole, rest] = [Math.floor(outputs[0] / outputRows), outputs[0] % outputRows];
  const one = (rows: number): void => {
    emit(firstRow, rows);
    f.advance(firstRow, rows * stride[0]);
  };
  if (whole > 0) f.countDown(f.local("i32", i32.const(whole)), () => one(outputRows));
  if (rest > 0) one(rest);
}

/** The path of k through a window in a band: a row of pixels without gaps is one run of floats. */
export function windowPath(sliding: Sliding, rowBytes: number): Stride[] {
  const { taps, dilation, image, groups } = sliding;
  const seen = channelsSeen(sliding);
  const rows = { count: taps[0], step: dilation[0] * rowBytes };
  if ((dilation[1] === 1 && groups === 1) || taps[1] === 1) return [rows, { count: taps[1] * seen, step: 4 }];
  return [rows, { count: taps[1], step: dilation[1] * 4 * image[2] }, { count: seen, step: 4 }];
}

export interface Panel {
  /** Its first column of the result, and how many it has. */
  readonly first: number;
  readonly columns: number;
  /** The first channel of those it sees. */
  readonly channel: number;
}

/** The columns of each group in panels of at most `width`. */
export function panelsOf(product: Sliding & Pick<SlidingProduct, "columns">, width: number): Panel[] {
  const own = product.columns / product.groups;
  return Array.from({ length: product.groups }, (_, group) =>
    Array.from({ length: Math.ceil(own / width) }, (_panel, index) => ({
      first: group * own + index * width,
      columns: Math.min(width, own - index * width),
      channel: group * channelsSeen(product),
    })),
  ).flat();
}

type Tiles = Pick<SlidingKernel, "columns" | "fused" | "spill"> & { readonly height: number };

/** The function (a, b, c, bias, rows): output rows of one panel, tile by tile. */
function outputRowsFunction(
  module: Emission["module"],
  product: SlidingProduct,
  { rowBytes }: Band,
  { height, ...tiles }: Tiles,
): FunctionBuilder {
  const key = `output rows ${rowBytes} ${height} ${JSON.stringify([tiles, product])}`;
  return module.shared(key, ["i32", "i32", "i32", "i32", "i32"], (f) => {
    const [a, b, c, bias, rows] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
    const aRow = 4 * product.stride[1] * product.image[2];
    const [from, to]: Local<"i32">[] = [f.local("i32"), f.local("i32")];
    f.countDown(rows, () => {
      f.set(from, a);
      f.set(to, c);
      for (const tile of evenTiles(product.outputs[1], height)) {
        const kernel = slidingKernel(module, {
          ...tiles,
          rows: tile.height,
          start: product.bias ? "bias" : "zero",
          relu: product.relu,
          aRow,
          path: windowPath(product, rowBytes),
          bStep: 16 * vectorsFor(tiles.columns).length,
          cRow: product.resultPixel,
        });
        f.countDown(f.local("i32", i32.const(tile.count)), () => {
          f.call(kernel, from, b, to, bias);
          f.advance(from, tile.height * aRow);
          f.advance(to, tile.height * product.resultPixel);
        });
      }
      f.advance(a, product.stride[0] * rowBytes);
      f.advance(c, product.resultRow);
    });
  });
}

function depthOf(sliding: Sliding): number {
  return sliding.taps[0] * sliding.taps[1] * channelsSeen(sliding);
}
