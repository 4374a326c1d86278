// Batch normalisation; formulas and order of operations of reference/normalisation.ts. Loops: block of 64 pixels, which
// stays in the cache nearest to the processor, strip of 64 channels, pixel. Memory is read once for the statistics and once
// to normalise, add and rectify; backward once for both sums and once for dx.
import type { Tensor } from "../../tensor.ts";
import { BLOCK_PIXELS } from "../reference/normalisation.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, memory, select, v128 } from "../wasm/instructions.ts";
import type { F32, I32, V128 } from "../wasm/instructions.ts";
import { loadColumns, storeColumns, vectorsFor } from "./columns.ts";
import { emitElementLoop } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";

type Vector = Local<"v128">;

const ZERO = f32x4.const(0);
const ONE = f32x4.const(1);
/** Four cache lines: memory arrives twice as fast in runs of so many as in single lines, even if sums leave the registers. */
const STRIP = 64;

export const NORMALISATION_EMITTERS: Emitters<"batch_norm" | "batch_norm_inference" | "batch_norm_backward"> = {
  batch_norm(operation, emission) {
    const { x, mean, inverse, runningMean, runningVariance, momentum, epsilon } = operation;
    const { f, address } = emission;
    const channels = mean.rowSize;
    const pixels = pixelsOf(emission, x, channels);
    f.call(statisticsFunction(emission, channels), address(x), address(mean), address(inverse), pixels);
    // The sum of squared distances becomes both variances, then 1/√(variance + ε).
    const others = select(i32.sub(pixels, i32.const(1)), i32.const(1), i32.gt_u(pixels, i32.const(1)));
    emitElementLoop(f, {
      count: i32.const(channels),
      inputs: [mean, inverse, runningMean, runningVariance].map(address),
      outputs: [runningMean, runningVariance, inverse].map(address),
      uniforms: [asFloat(pixels), asFloat(others), f32.const(momentum), f32.const(1 - momentum), f32.const(epsilon)],
      compute: (_f, [own, squares, meanBefore, varianceBefore], [n, nOthers, share, kept, small]) => [
        f32x4.add(f32x4.mul(kept, meanBefore), f32x4.mul(share, own)),
        f32x4.add(f32x4.mul(kept, varianceBefore), f32x4.mul(share, f32x4.div(squares, nOthers))),
        inverseRoot(f32x4.div(squares, n), small),
      ],
    });
    emitNormalise(emission, operation, address(mean), address(inverse), pixels);
  },

  batch_norm_inference(operation, emission) {
    const { x, runningMean, runningVariance, epsilon } = operation;
    const { f, address, scratch } = emission;
    const channels = runningMean.rowSize;
    const inverse = i32.const(scratch(4 * channels));
    emitElementLoop(f, {
      count: i32.const(channels),
      inputs: [address(runningVariance)],
      outputs: [inverse],
      uniforms: [f32.const(epsilon)],
      compute: (_f, [variance], [small]) => [inverseRoot(variance, small)],
    });
    emitNormalise(emission, operation, address(runningMean), inverse, pixelsOf(emission, x, channels));
  },

  batch_norm_backward(operation, emission) {
    const { x, y, dy, dx, gamma, mean, inverse, dgamma, dbeta } = operation;
    const { f, address, scratch } = emission;
    const channels = mean.rowSize;
    const row = 4 * STRIP * Math.ceil(channels / STRIP);
    const place = scratch(3 * row);
    const [sums, products, scales] = [0, 1, 2].map((index) => i32.const(place + index * row));
    const pixels = pixelsOf(emission, x, channels);
    const mask = address(y ?? dy);
    f.emit(memory.fill(sums, i32.const(0), i32.const(2 * row)));
    f.call(
      sumsFunction(emission, channels, y !== null, row),
      address(x),
      mask,
      address(dy),
      address(mean),
      sums,
      pixels,
    );
    // Sums become what dx subtracts: the mean gradient, and its slope along x − mean.
    emitElementLoop(f, {
      count: i32.const(channels),
      inputs: [sums, products, address(inverse), address(gamma), address(dbeta), address(dgamma)],
      outputs: [address(dbeta), address(dgamma), sums, products, scales],
      uniforms: [asFloat(pixels)],
      compute: (_f, [sum, product, inverted, scale, dbetaBefore, dgammaBefore], [n]) => [
        f32x4.add(dbetaBefore, sum),
        f32x4.add(dgammaBefore, f32x4.mul(product, inverted)),
        f32x4.div(sum, n),
        f32x4.mul(f32x4.div(product, n), f32x4.mul(inverted, inverted)),
        f32x4.mul(scale, inverted),
      ],
    });
    const gradient = gradientFunction(emission, channels, y !== null, row);
    f.call(gradient, address(x), mask, address(dy), address(dx), address(mean), sums, pixels);
  },
};

function pixelsOf({ f, count }: Emission, x: Tensor, channels: number): Local<"i32"> {
  return f.local("i32", i32.div_u(count(x), i32.const(channels)));
}

function asFloat(n: I32): F32 {
  return f32.convert_i32_u(n);
}

function inverseRoot(variance: V128, epsilon: V128): V128 {
  return f32x4.div(ONE, f32x4.sqrt(f32x4.add(variance, epsilon)));
}

interface Walk {
  readonly channels: number;
  readonly pixels: Local<"i32">;
  /** Pointers to pixels, and to one number for each channel. */
  readonly images: readonly Local<"i32">[];
  readonly rows: readonly Local<"i32">[];
}

/** Emits a loop over blocks of pixels and, within, strips of channels. `emit` finds all pointers at its strip. */
function eachStrip(
  f: FunctionBuilder,
  { channels, pixels, images, rows }: Walk,
  emit: (count: Local<"i32">, width: number) => void,
): void {
  const count = f.local("i32");
  const most = i32.const(BLOCK_PIXELS);
  const whole = Math.floor(channels / STRIP);
  f.doWhile(
    () => {
      f.set(count, select(most, pixels, i32.gt_u(pixels, most)));
      f.repeat(f.local("i32", i32.const(whole)), () => {
        emit(count, STRIP);
        for (const pointer of [...images, ...rows]) f.advance(pointer, 4 * STRIP);
      });
      if (channels % STRIP > 0) emit(count, channels % STRIP);
      for (const pointer of [...images, ...rows]) f.advance(pointer, -4 * STRIP * whole);
      for (const pointer of images) f.advance(pointer, i32.mul(count, i32.const(4 * channels)));
    },
    f.tee(pixels, i32.sub(pixels, count)),
  );
}

/** Emits a loop over the pixels of a strip, with pointers of its own. */
function eachPixel(
  f: FunctionBuilder,
  channels: number,
  count: Local<"i32">,
  images: readonly Local<"i32">[],
  emit: (at: readonly Local<"i32">[]) => void,
): void {
  const at = images.map((pointer) => f.local("i32", pointer));
  f.countDown(f.local("i32", count), () => {
    emit(at);
    for (const pointer of at) f.advance(pointer, 4 * channels);
  });
}

/** The function (x, mean, M, pixels): mean, and the sum of squared distances from it, of each channel. */
function statisticsFunction({ module }: Emission, channels: number): FunctionBuilder {
  return module.shared(`batch statistics ${channels}`, ["i32", "i32", "i32", "i32"], (f) => {
    const [x, mean, M, pixels] = [0, 1, 2, 3].map((position) => f.parameter(position, "i32"));
    for (const row of [mean, M]) f.emit(memory.fill(row, i32.const(0), i32.const(4 * channels)));
    const before = f.local("i32");
    const [own, n, share, weight] = [f.local("i32"), f.local("v128"), f.local("v128"), f.local("v128")];
    const all = f.local("i32", pixels);
    eachStrip(f, { channels, pixels, images: [x], rows: [mean, M] }, (count, width) => {
      f.set(before, i32.sub(all, pixels));
      f.set(own, count);
      f.set(n, f32x4.splat(asFloat(own)));
      f.set(share, f32x4.div(n, f32x4.splat(asFloat(i32.add(before, own)))));
      f.set(weight, f32x4.mul(f32x4.splat(asFloat(before)), share));
      const sums = zeros(f, width);
      eachPixel(f, channels, count, [x], ([at]) => {
        loadColumns(f, at, width).forEach((value, j) => f.set(sums[j], f32x4.add(sums[j], value)));
      });
      for (const sum of sums) f.set(sum, f32x4.div(sum, n));
      const squares = zeros(f, width);
      eachPixel(f, channels, count, [x], ([at]) => {
        loadColumns(f, at, width).forEach((value, j) => {
          const distance = f.local("v128", f32x4.sub(value, sums[j]));
          f.set(squares[j], f32x4.add(squares[j], f32x4.mul(distance, distance)));
        });
      });
      const [means, totals] = [loadColumns(f, mean, width), loadColumns(f, M, width)];
      sums.forEach((blockMean, j) => {
        const delta = f.local("v128", f32x4.sub(blockMean, means[j]));
        f.set(means[j], f32x4.add(means[j], f32x4.mul(delta, share)));
        const between = f32x4.mul(f32x4.mul(delta, delta), weight);
        f.set(totals[j], f32x4.add(totals[j], f32x4.add(squares[j], between)));
      });
      storeColumns(f, mean, means, width);
      storeColumns(f, M, totals, width);
    });
  });
}

type Normalised = {
  readonly x: Tensor;
  readonly gamma: Tensor;
  readonly beta: Tensor;
  readonly residual: Tensor | null;
  readonly relu: boolean;
  readonly y: Tensor;
};

function emitNormalise(emission: Emission, operation: Normalised, mean: I32, inverse: I32, pixels: Local<"i32">): void {
  const { module, f, address } = emission;
  const { x, y, gamma, beta, residual, relu } = operation;
  const channels = gamma.rowSize;
  const key = `batch norm ${channels} ${relu} ${residual !== null}`;
  const run = module.shared(key, Array(8).fill("i32" as const), (body) => {
    const pointers = [0, 1, 2, 3, 4, 5, 6, 7].map((position) => body.parameter(position, "i32"));
    const [from, added, to, means, inverses, gammas, betas, left] = pointers;
    const rows = [means, inverses, gammas, betas];
    eachStrip(body, { channels, pixels: left, images: [from, added, to], rows }, (count, width) => {
      const [centre, inverted, scale, shift] = rows.map((row) => loadColumns(body, row, width));
      scale.forEach((own, j) => body.set(own, f32x4.mul(own, inverted[j])));
      eachPixel(body, channels, count, [from, added, to], ([at, addedAt, toAt]) => {
        const results = loadColumns(body, at, width);
        const others = residual === null ? null : loadColumns(body, addedAt, width);
        results.forEach((value, j) => {
          const scaled = f32x4.add(f32x4.mul(f32x4.sub(value, centre[j]), scale[j]), shift[j]);
          body.set(value, others === null ? scaled : f32x4.add(scaled, others[j]));
          // Not max: −0 must become 0, and a NaN must stay.
          if (relu) body.set(value, v128.andnot(value, f32x4.le(value, ZERO)));
        });
        storeColumns(body, toAt, results, width);
      });
    });
  });
  const all = [address(x), address(residual ?? x), address(y), mean, inverse, address(gamma), address(beta)];
  f.call(run, ...all, pixels);
}

/** dy where y > 0, else 0; all of dy without a mask. */
function loadGradient(
  f: FunctionBuilder,
  masked: boolean,
  mask: Local<"i32">,
  dy: Local<"i32">,
  width: number,
): Vector[] {
  const gradients = loadColumns(f, dy, width);
  if (masked) {
    loadColumns(f, mask, width).forEach((value, j) =>
      f.set(gradients[j], v128.and(gradients[j], f32x4.gt(value, ZERO))),
    );
  }
  return gradients;
}

/** The function (x, y, dy, mean, sums, pixels): adds Σ dy and, `row` bytes behind, Σ dy·(x − mean) of each channel. */
function sumsFunction({ module }: Emission, channels: number, masked: boolean, row: number): FunctionBuilder {
  const key = `batch norm sums ${channels} ${masked} ${row}`;
  return module.shared(key, Array(6).fill("i32" as const), (f) => {
    const [x, y, dy, mean, sums, pixels] = [0, 1, 2, 3, 4, 5].map((position) => f.parameter(position, "i32"));
    eachStrip(f, { channels, pixels, images: [x, y, dy], rows: [mean, sums] }, (count, width) => {
      const centre = loadColumns(f, mean, width);
      const [own, products] = [zeros(f, width), zeros(f, width)];
      eachPixel(f, channels, count, [x, y, dy], ([at, mask, gradientAt]) => {
        const gradients = loadGradient(f, masked, mask, gradientAt, width);
        loadColumns(f, at, width).forEach((value, j) => {
          f.set(own[j], f32x4.add(own[j], gradients[j]));
          f.set(products[j], f32x4.add(products[j], f32x4.mul(gradients[j], f32x4.sub(value, centre[j]))));
        });
      });
      for (const [index, block] of [own, products].entries()) {
        const totals = loadColumns(f, sums, width, index * row);
        totals.forEach((total, j) => f.set(total, f32x4.add(total, block[j])));
        storeColumns(f, sums, totals, width, index * row);
      }
    });
  });
}

/** The function (x, y, dy, dx, mean, coefficients, pixels). */
function gradientFunction({ module }: Emission, channels: number, masked: boolean, row: number): FunctionBuilder {
  const key = `batch norm gradient ${channels} ${masked} ${row}`;
  return module.shared(key, Array(7).fill("i32" as const), (f) => {
    const [x, y, dy, dx, mean, coefficients, pixels] = [0, 1, 2, 3, 4, 5, 6].map((p) => f.parameter(p, "i32"));
    eachStrip(f, { channels, pixels, images: [x, y, dy, dx], rows: [mean, coefficients] }, (count, width) => {
      const centre = loadColumns(f, mean, width);
      const [average, slope, scale] = [0, 1, 2].map((index) => loadColumns(f, coefficients, width, index * row));
      eachPixel(f, channels, count, [x, y, dy, dx], ([at, mask, gradientAt, to]) => {
        const gradients = loadGradient(f, masked, mask, gradientAt, width);
        loadColumns(f, at, width).forEach((value, j) => {
          const along = f32x4.mul(f32x4.sub(value, centre[j]), slope[j]);
          f.set(gradients[j], f32x4.mul(scale[j], f32x4.sub(f32x4.sub(gradients[j], average[j]), along)));
        });
        storeColumns(f, to, gradients, width);
      });
    });
  });
}

function zeros(f: FunctionBuilder, width: number): Vector[] {
  return vectorsFor(width).map(() => f.local("v128", ZERO));
}
