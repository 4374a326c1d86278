// Convolution over images and its gradients; formulas in reference/convolution.ts, whose order of operations they follow.
// conv2d                   windows slide over x; the weights are already [k][output channel]
// conv2d_input_gradient    windows slide over dy, with flipped, transposed weights. With stride s the pixels of dx fall into
//                          s·s phases: those of one phase are seen through the same places of the window, so each phase is
//                          a convolution of stride 1 with a part of the weights, and nothing is multiplied by inserted zeros
// conv2d_weight_gradient   weight-gradient.ts
import type { OperationOf } from "../../../operations.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { i32, memory } from "../../wasm/instructions.ts";
import type { Emission, Emitters } from "../emission.ts";
import { packRows, packTransposed } from "../packing.ts";
import { channelsSeen, forwardSliding } from "./bordered-band.ts";
import { depthwiseProduct, isDepthwise } from "./depthwise.ts";
import { phasesOf } from "./phases.ts";
import type { Phase } from "./phases.ts";
import { slidingProduct } from "./sliding-product.ts";
import type { Pack, SlidingProduct } from "./sliding-product.ts";
import { emitWeightGradient } from "./weight-gradient.ts";
import { suitsWinograd, winogradProduct } from "./winograd-product.ts";

type Convolution = "conv2d" | "conv2d_input_gradient" | "conv2d_weight_gradient";

export const CONVOLUTION_EMITTERS: Emitters<Convolution> = {
  conv2d(operation, emission) {
    const { x, W, b, y } = operation;
    const product = forwardProduct(operation);
    const depth = product.taps[0] * product.taps[1] * channelsSeen(product);
    const pack: Pack = (f, weights, first, columns, to) => {
      const copy = packRows(emission.module, { columns, width: columns, step: 4 * product.columns, summed: false });
      f.call(copy, i32.add(weights, i32.const(4 * first)), i32.const(to), i32.const(depth), i32.const(0));
    };
    const [height, width, , outputs] = W.shape;
    const taps = Array.from({ length: height * width }, (_, tap) => 4 * outputs * tap);
    const run = productFunction(emission, product, "forward", pack, taps);
    const bias = b === null ? i32.const(0) : emission.address(b);
    emission.f.call(run, emission.address(x), emission.address(W), bias, emission.address(y), emission.rows);
  },

  conv2d_input_gradient(operation, emission) {
    const { dy, W, dx } = operation;
    for (const phase of phasesOf(dx.shape, operation.window)) {
      const [height, width, channels] = dx.shape;
      const offset = 4 * channels * (phase.first[0] * width + phase.first[1]);
      const result = i32.add(emission.address(dx), i32.const(offset));
      if (phase.taps[0].length === 0 || phase.taps[1].length === 0) {
        emitZeros(emission, operation, phase);
        continue;
      }
      const product = gradientProduct(operation, phase);
      const key = `gradient ${JSON.stringify([phase, W.shape, height])}`;
      const pack = flippedWeights(operation, phase, emission);
      const run = productFunction(emission, product, key, pack, flippedTaps(W.shape, phase));
      emission.f.call(run, emission.address(dy), emission.address(W), i32.const(0), result, emission.rows);
    }
  },

  conv2d_weight_gradient: emitWeightGradient,
};

/** @param taps where the weights of each tap begin, in bytes, as a depthwise convolution reads them */
function productFunction(
  emission: Emission,
  product: SlidingProduct,
  packing: string,
  pack: Pack,
  taps: readonly number[],
): FunctionBuilder {
  if (isDepthwise(product, product.columns)) return depthwiseProduct(emission, product, taps);
  const make = suitsWinograd(product, product.columns, emission.arithmetic) ? winogradProduct : slidingProduct;
  return make(emission, product, packing, pack);
}

function forwardProduct(operation: OperationOf<"conv2d">): SlidingProduct {
  const { x, y, b, relu } = operation;
  const [height, width, columns] = y.shape;
  return {
    ...forwardSliding(x.shape, y.shape, operation),
    columns,
    resultRow: 4 * width * columns,
    resultPixel: 4 * columns,
    resultImage: 4 * height * width * columns,
    bias: b !== null,
    relu,
  };
}

function gradientProduct(
  { dy, dx, window, groups }: OperationOf<"conv2d_input_gradient">,
  phase: Phase,
): SlidingProduct {
  const [height, width, columns] = dx.shape;
  return {
    groups,
    image: [dy.shape[0], dy.shape[1], dy.shape[2]],
    origin: phase.origin,
    taps: [phase.taps[0].length, phase.taps[1].length],
    dilation: phase.dilation,
    stride: [1, 1],
    outputs: phase.outputs,
    columns,
    resultRow: 4 * window.stride[0] * width * columns,
    resultPixel: 4 * window.stride[1] * columns,
    resultImage: 4 * height * width * columns,
    bias: false,
    relu: false,
  };
}

/** W[i,j,c,o] of the phase's taps as [i,j,o][c], o of the group that c belongs to. */
function flippedWeights(
  { W, groups }: OperationOf<"conv2d_input_gradient">,
  { taps }: Phase,
  { module }: Emission,
): Pack {
  const [, width, channels, outputs] = W.shape;
  const depth = outputs / groups;
  return (f, weights, first, columns, to) => {
    const transpose = packTransposed(module, columns, 4 * outputs);
    const panel = 16 * Math.ceil(columns / 4) * depth;
    const group = Math.floor(first / channels);
    let place = to;
    for (const i of taps[0]) {
      for (const j of taps[1]) {
        const row = (i * width + j) * channels + (first % channels);
        const from = 4 * (outputs * row + group * depth);
        f.call(transpose, i32.add(weights, i32.const(from)), i32.const(place), i32.const(depth));
        place += panel;
      }
    }
  };
}

/** Where the weights of a phase's taps begin, in bytes. */
function flippedTaps([, width, , outputs]: readonly number[], { taps }: Phase): number[] {
  return taps[0].flatMap((i) => taps[1].map((j) => 4 * outputs * (i * width + j)));
}

/** Pixels that no window saw have no gradient. */
function emitZeros(
  { f, rows, address, module }: Emission,
  { dx, window }: OperationOf<"conv2d_input_gradient">,
  phase: Phase,
): void {
  const [height, width, channels] = dx.shape;
  const key = `zeros ${JSON.stringify([dx.shape, window.stride, phase.outputs])}`;
  const zeros = module.shared(key, ["i32", "i32"], (body) => {
    const [at, images] = [body.parameter(0, "i32"), body.parameter(1, "i32")];
    body.countDown(images, () => {
      body.countDown(body.local("i32", i32.const(phase.outputs[0])), () => {
        body.countDown(body.local("i32", i32.const(phase.outputs[1])), () => {
          body.emit(memory.fill(at, i32.const(0), i32.const(4 * channels)));
          body.advance(at, 4 * channels * window.stride[1]);
        });
        body.advance(at, 4 * channels * (window.stride[0] * width - window.stride[1] * phase.outputs[1]));
      });
      body.advance(at, 4 * channels * width * (height - window.stride[0] * phase.outputs[0]));
    });
  });
  const offset = 4 * channels * (phase.first[0] * width + phase.first[1]);
  f.call(zeros, i32.add(address(dx), i32.const(offset)), rows);
}
