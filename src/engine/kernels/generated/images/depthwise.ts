// Depthwise convolution: each channel is filtered by itself, so channels, not outputs, lie in vectors. Formulas and order of
// operations of reference/convolution.ts with as many groups as channels. Loops: image, band of output rows with its border
// (bordered-band.ts), output pixel, strip of channels, the window innermost; of the weights' gradient the pixels innermost.
import type { OperationOf } from "../../../operations.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32, v128 } from "../../wasm/instructions.ts";
import { loadColumns, storeColumns, vectorsFor } from "../columns.ts";
import type { Emission } from "../emission.ts";
import { multiplyAdd } from "../micro-kernel.ts";
import { bandOf, emitBand, emitBorder } from "./bordered-band.ts";
import type { Band, Sliding } from "./bordered-band.ts";
import { scratchParts } from "./scratch-parts.ts";
import { eachBand } from "./sliding-product.ts";
import type { SlidingProduct } from "./sliding-product.ts";

/** Channels whose sums lie in registers: of the product, and of the weights' gradient, for all columns of a window. */
const [STRIP, GRADIENT_STRIP] = [16, 8];

/** Whether each channel of the result sees the one channel of its own place. */
export function isDepthwise({ image, groups }: Sliding, columns: number): boolean {
  return groups > 1 && groups === image[2] && groups === columns;
}

/** The function (image, weights, bias, result, images), as `slidingProduct`; the weights of tap t begin `taps[t]` bytes after
 * those of the first. */
export function depthwiseProduct(
  { module, arithmetic, scratch }: Emission,
  product: SlidingProduct,
  taps: readonly number[],
): FunctionBuilder {
  const key = `depthwise ${taps.join(" ")} ${JSON.stringify(product)}`;
  return module.shared(key, ["i32", "i32", "i32", "i32", "i32"], (f) => {
    const [image, weights, bias, result, images] = [0, 1, 2, 3, 4].map((position) => f.parameter(position, "i32"));
    const band = bandOf(product);
    const [place] = scratchParts({ scratch }, [band.bytes]);
    const { image: extents, stride, outputs, resultRow, resultPixel, resultImage } = product;
    const channels = extents[2];
    const [from, to, factors, shifts] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
    const windowPlaces = placesOf(product, band);
    const strip = (columns: number): void => {
      const sums = product.bias
        ? loadColumns(f, shifts, columns)
        : vectorsFor(columns).map(() => f.local("v128", f32x4.const(0)));
      windowPlaces.forEach((seen, tap) => {
        const inputs = loadColumns(f, from, columns, seen);
        loadColumns(f, factors, columns, taps[tap]).forEach((weight, index) =>
          f.set(sums[index], multiplyAdd(arithmetic.fused, inputs[index], weight, sums[index])),
        );
      });
      // Not a maximum: a NaN must stay visible, and −0 must not appear.
      if (product.relu) {
        for (const sum of sums) f.set(sum, v128.andnot(sum, f32x4.le(sum, f32x4.const(0))));
      }
      storeColumns(f, to, sums, columns);
    };
    emitBorder(f, band, place);
    f.countDown(images, () => {
      eachBand(f, product, band, (firstRow, outputRows) => {
        const line = emitBand(f, product, band, place, image, firstRow, outputRows);
        f.countDown(f.local("i32", i32.const(outputRows)), () => {
          f.set(from, line);
          f.set(to, result);
          f.countDown(f.local("i32", i32.const(outputs[1])), () => {
            f.set(factors, weights);
            f.set(shifts, bias);
            eachStrip(f, channels, STRIP, [from, to, factors, shifts], strip);
            f.advance(from, 4 * channels * stride[1] - advanced(channels, STRIP));
            f.advance(to, resultPixel - advanced(channels, STRIP));
          });
          f.advance(line, stride[0] * band.rowBytes);
          f.advance(result, resultRow);
        });
      });
      f.advance(image, 4 * extents[0] * extents[1] * channels);
      f.advance(result, resultImage - outputs[0] * resultRow);
    });
  });
}

/** dW[i,j,0,c] += Σ over images, rows and columns, ascending, of x·dy in channel c. */
export function emitDepthwiseWeightGradient(
  operation: OperationOf<"conv2d_weight_gradient">,
  sliding: Sliding,
  { module, f: caller, rows, arithmetic, scratch, address }: Emission,
): void {
  const band = bandOf(sliding);
  const [place] = scratchParts({ scratch }, [band.bytes]);
  const { image: extents, stride, outputs, taps } = sliding;
  const channels = extents[2];
  const run = module.shared(`depthwise gradient ${JSON.stringify(sliding)}`, Array(4).fill("i32"), (f) => {
    const [x, dy, dW, images] = [0, 1, 2, 3].map((position) => f.parameter(position, "i32"));
    const [seen, given, sumsAt] = [f.local("i32"), f.local("i32"), f.local("i32")];
    const windowPlaces = placesOf(sliding, band);
    emitBorder(f, band, place);
    f.countDown(images, () => {
      eachBand(f, sliding, band, (firstRow, outputRows) => {
        f.set(seen, emitBand(f, sliding, band, place, x, firstRow, outputRows));
        f.set(given, dy);
        f.set(sumsAt, dW);
        eachStrip(f, channels, GRADIENT_STRIP, [seen, given, sumsAt], (columns) => {
          for (let i = 0; i < taps[0]; i++) {
            const line = Array.from({ length: taps[1] }, (_, j) => i * taps[1] + j);
            const sums = line.map((tap) => loadColumns(f, sumsAt, columns, 4 * channels * tap));
            const [at, beside] = [f.local("i32", seen), f.local("i32", given)];
            f.countDown(f.local("i32", i32.const(outputRows)), () => {
              f.countDown(f.local("i32", i32.const(outputs[1])), () => {
                const gradients = loadColumns(f, beside, columns);
                line.forEach((tap, j) => {
                  loadColumns(f, at, columns, windowPlaces[tap]).forEach((value, index) =>
                    f.set(sums[j][index], multiplyAdd(arithmetic.fused, value, gradients[index], sums[j][index])),
                  );
                });
                f.advance(at, 4 * channels * stride[1]);
                f.advance(beside, 4 * channels);
              });
              f.advance(at, stride[0] * band.rowBytes - 4 * channels * stride[1] * outputs[1]);
            });
            line.forEach((tap, j) => storeColumns(f, sumsAt, sums[j], columns, 4 * channels * tap));
          }
        });
        f.advance(dy, 4 * outputRows * outputs[1] * channels);
      });
      f.advance(x, 4 * extents[0] * extents[1] * channels);
    });
  });
  caller.call(run, address(operation.x), address(operation.dy), address(operation.dW), rows);
}

/** Bytes from the first pixel that a window sees to each of its pixels, row by row. */
function placesOf({ taps, dilation, image }: Sliding, { rowBytes }: Band): number[] {
  return Array.from({ length: taps[0] * taps[1] }, (_, tap) => {
    const [row, column] = [Math.floor(tap / taps[1]), tap % taps[1]];
    return row * dilation[0] * rowBytes + column * dilation[1] * 4 * image[2];
  });
}

/** Emits whole strips of channels in a loop, then the rest; the pointers move from each whole strip to the next. */
function eachStrip(
  f: FunctionBuilder,
  channels: number,
  width: number,
  pointers: readonly Local<"i32">[],
  emit: (columns: number) => void,
): void {
  f.repeat(f.local("i32", i32.const(Math.floor(channels / width))), () => {
    emit(width);
    for (const pointer of pointers) f.advance(pointer, 4 * width);
  });
  if (channels % width > 0) emit(channels % width);
}

/** Bytes that `eachStrip` has moved its pointers. */
function advanced(channels: number, width: number): number {
  return 4 * width * Math.floor(channels / width);
}
