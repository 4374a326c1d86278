// The gradient of a convolution's weights: dW[i,j,c,o] += Σ_{B,p,q} x[s·p + d·i − border, s·q + d·j − border, c] · dy[p,q,o]
// Loops, outermost first:
//   image, band of output rows   the band of x copied with its border (bordered-band.ts)
//   panel of output channels     of one group; read in place from dy, whose pixels follow each other without gaps
//   window row, tile             rows of a tile are neighbouring (j,c), its k runs over the band's output pixels
// Between two bands the sums rest in dW, so each is one sum over ascending images, rows and columns.
import type { OperationOf } from "../../../operations.ts";
import type { FunctionBuilder } from "../../wasm/function-builder.ts";
import { i32 } from "../../wasm/instructions.ts";
import type { Emission } from "../emission.ts";
import { bandOf, channelsSeen, emitBand, emitBorder, forwardSliding } from "./bordered-band.ts";
import type { Band, Sliding } from "./bordered-band.ts";
import { emitDepthwiseWeightGradient, isDepthwise } from "./depthwise.ts";
import { scratchParts } from "./scratch-parts.ts";
import { evenTiles, slidingKernel, SPILL_BYTES, tileHeight } from "./sliding-kernel.ts";
import { eachBand, panelsOf } from "./sliding-product.ts";
import { suitsWinograd } from "./winograd-product.ts";
import { emitWinogradWeightGradient } from "./winograd-weight-gradient.ts";

type WeightGradient = OperationOf<"conv2d_weight_gradient">;

export function emitWeightGradient(operation: WeightGradient, emission: Emission): void {
  const { module, f, rows, arithmetic, address } = emission;
  const { x: seen, dy: given } = operation;
  const sliding = forwardSliding(seen.shape, given.shape, operation);
  const outputs = given.shape[2];
  if (suitsWinograd(sliding, outputs, arithmetic)) {
    return emitWinogradWeightGradient(operation, sliding, emission);
  }
  if (isDepthwise(sliding, outputs)) return emitDepthwiseWeightGradient(operation, sliding, emission);
  const band = bandOf(sliding);
  const [spill, place] = scratchParts(emission, [SPILL_BYTES, band.bytes]);
  const run = module.shared(`weight gradient ${outputs} ${JSON.stringify(sliding)}`, Array(4).fill("i32"), (body) => {
    const [x, dy, dW, images] = [0, 1, 2, 3].map((position) => body.parameter(position, "i32"));
    emitBorder(body, band, place);
    body.countDown(images, () => {
      eachBand(body, sliding, band, (firstRow, outputRows) => {
        const a = emitBand(body, sliding, band, place, x, firstRow, outputRows);
        for (const { first, columns, channel } of panelsOf({ ...sliding, columns: outputs }, arithmetic.tile.columns)) {
          const panel = panelFunction(module, sliding, band, { arithmetic, spill, outputs, columns, outputRows });
          const offset = i32.const(4 * first);
          body.call(panel, i32.add(a, i32.const(4 * channel)), i32.add(dy, offset), i32.add(dW, offset));
        }
        body.advance(dy, 4 * outputRows * sliding.outputs[1] * outputs);
      });
      body.advance(x, 4 * sliding.image[0] * sliding.image[1] * sliding.image[2]);
    });
  });
  f.call(run, address(seen), address(given), address(operation.dW), rows);
}

interface PanelShape {
  readonly arithmetic: Emission["arithmetic"];
  readonly spill: number;
  readonly outputs: number;
  readonly columns: number;
  readonly outputRows: number;
}

/** The function (a, dy, dW): adds what one band and panel contribute. */
function panelFunction(
  module: Emission["module"],
  sliding: Sliding,
  { rowBytes }: Band,
  { arithmetic, spill, outputs, columns, outputRows }: PanelShape,
): FunctionBuilder {
  const key = `weight panel ${[rowBytes, outputs, columns, outputRows].join(" ")} ${JSON.stringify(sliding)}`;
  return module.shared(key, ["i32", "i32", "i32"], (f) => {
    const [a, dy, dW] = [f.parameter(0, "i32"), f.parameter(1, "i32"), f.parameter(2, "i32")];
    const { image, taps, dilation, stride } = sliding;
    const channels = image[2];
    const seen = channelsSeen(sliding);
    // Without gaps between the window's columns, (j,c) is one run of rows for the tiles.
    const runs = dilation[1] === 1 && seen === channels ? [1, taps[1] * seen] : [taps[1], seen];
    const [from, to] = [f.local("i32"), f.local("i32", dW)];
    for (let i = 0; i < taps[0]; i++) {
      for (let j = 0; j < runs[0]; j++) {
        f.set(from, i32.add(a, i32.const(i * dilation[0] * rowBytes + j * dilation[1] * 4 * channels)));
        for (const tile of evenTiles(runs[1], tileHeight(arithmetic.tile, columns))) {
          const kernel = slidingKernel(module, {
            rows: tile.height,
            columns,
            fused: arithmetic.fused,
            start: "load",
            relu: false,
            aRow: 4,
            path: [
              { count: outputRows, step: stride[0] * rowBytes },
              { count: sliding.outputs[1], step: 4 * stride[1] * channels },
            ],
            bStep: 4 * outputs,
            cRow: 4 * outputs,
            spill,
          });
          f.countDown(f.local("i32", i32.const(tile.count)), () => {
            f.call(kernel, from, dy, to, i32.const(0));
            f.advance(from, 4 * tile.height);
            f.advance(to, 4 * outputs * tile.height);
          });
        }
      }
    }
  });
}
