import { describe, expect, it } from "vitest";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import type { Network } from "../../src/engine/network.ts";
import { TOLERANCE, worstError } from "./central-differences.ts";
import { build, scattered } from "./construction.ts";

const ROWS = 3;

/** The layers under test between a convolution, whose gradient tests their dx, and a dense layer. */
function networkWith(middle: readonly LayerSpec[], input = [6, 5, 2]): Network {
  const network = build({
    input,
    layers: [
      { type: "conv2d", filters: 3, kernel_size: 3, padding: "same" },
      ...middle,
      { type: "flatten" },
      { type: "dense", units: 2 },
    ],
    loss: "mean_squared_error",
    capacity: ROWS + 1,
    seed: 3,
  });
  network.inputs.set(scattered(ROWS * network.plan.input.rowSize, 1));
  network.targets.set(scattered(ROWS * 2, 2));
  return network;
}

const RELU: LayerSpec = { type: "activation", activation: "relu" };
const conv = (rest: object): LayerSpec => ({ type: "conv2d", filters: 4, kernel_size: 3, ...rest });

describe("the gradient through image layers equals central differences", () => {
  it.each<[string, LayerSpec[]]>([
    ["a valid convolution", [conv({})]],
    ["a convolution without bias", [conv({ use_bias: false })]],
    ["a convolution with the activation tanh", [conv({ activation: "tanh", padding: "same" })]],
    ["a convolution with stride 2", [conv({ stride: 2, padding: 1 })]],
    ["a convolution whose stride leaves pixels out", [conv({ stride: 3, kernel_size: 2 })]],
    ["a convolution with dilation", [conv({ dilation: [2, 1], padding: [2, 0] })]],
    ["a convolution with stride and dilation", [conv({ dilation: 2, stride: 2, padding: "same" })]],
    ["a window that is no square", [conv({ kernel_size: [1, 4], padding: "same" })]],
    ["a convolution of single pixels", [conv({ kernel_size: 1, stride: 2 })]],
    ["max pooling", [{ type: "max_pool2d", pool_size: 2 }]],
    ["max pooling that overlaps", [{ type: "max_pool2d", pool_size: 3, stride: 2, padding: 1 }]],
    ["average pooling", [{ type: "average_pool2d", pool_size: [2, 3], stride: 1, padding: "same" }]],
    ["batch normalisation", [{ type: "batch_norm" }, { type: "activation", activation: "tanh" }]],
    ["batch normalisation before relu", [{ type: "batch_norm" }, { type: "activation", activation: "relu" }]],
    ["a residual connection", [{ type: "residual", layers: [conv({ filters: 3, padding: 1 })] }]],
    [
      "a residual connection that begins with a relu",
      [{ type: "residual", layers: [RELU, conv({ filters: 3, padding: 1 })] }],
    ],
    [
      "a residual block that begins with normalisation and relu (He et al., 2016, the second)",
      [
        { type: "residual", layers: [{ type: "batch_norm" }, RELU, conv({ filters: 3, padding: 1 })] },
        { type: "residual", layers: [{ type: "batch_norm" }, RELU, conv({ filters: 3, padding: 1 })] },
      ],
    ],
    [
      "a residual connection around a normalised one",
      [{ type: "batch_norm" }, { type: "residual", layers: [RELU, { type: "batch_norm" }] }],
    ],
    [
      "a residual block with normalisation, projection and relu",
      [
        {
          type: "residual",
          layers: [
            conv({ stride: 2, padding: 1, use_bias: false }),
            { type: "batch_norm" },
            { type: "activation", activation: "relu" },
            conv({ padding: 1, use_bias: false }),
            { type: "batch_norm" },
          ],
          projection: [conv({ kernel_size: 1, stride: 2 }), { type: "batch_norm" }],
          activation: "relu",
        },
      ],
    ],
    ["global average pooling", [{ type: "global_average_pool" }]],
    ["a convolution in three groups", [conv({ filters: 6, groups: 3, stride: 2, padding: 1 })]],
    ["local response normalisation", [{ type: "local_response_norm", alpha: 0.5, k: 1 }]],
    ["local response normalisation over two channels", [{ type: "local_response_norm", size: 2, alpha: 0.5, beta: 2 }]],
    ["a transposed convolution", [{ type: "conv2d_transpose", filters: 2, kernel_size: 3, stride: 2 }]],
    [
      "a transposed convolution to a given size",
      [
        conv({ kernel_size: 3, stride: 2, padding: "same" }),
        {
          type: "conv2d_transpose",
          filters: 2,
          kernel_size: [3, 2],
          stride: 2,
          padding: "same",
          output_size: [6, 5],
          activation: "tanh",
        },
      ],
    ],
    ["dropout of whole channels", [{ type: "spatial_dropout", rate: 0.4 }]],
  ])("%s", (_name, middle) => {
    expect(worstError(networkWith(middle), ROWS)).toBeLessThan(TOLERANCE);
  });
});

describe("the extents of image layers", () => {
  const shapeAfter = (layer: LayerSpec, input: readonly number[]): readonly number[] =>
    build({ input, layers: [layer] }).plan.output.shape;

  it.each<[LayerSpec, number[], number[]]>([
    [conv({ kernel_size: 5, padding: 2 }), [28, 28, 1], [28, 28, 4]],
    [conv({ kernel_size: 5 }), [14, 14, 6], [10, 10, 4]],
    [conv({ stride: 2, padding: "same" }), [7, 8, 3], [4, 4, 4]],
    [conv({ dilation: 3 }), [7, 9, 3], [1, 3, 4]],
    [{ type: "max_pool2d", pool_size: 2 }, [7, 8, 3], [3, 4, 3]],
    [{ type: "max_pool2d", pool_size: 3, stride: 2, padding: 1 }, [56, 56, 5], [28, 28, 5]],
    [{ type: "average_pool2d", pool_size: [1, 2] }, [7, 8, 3], [7, 4, 3]],
    [{ type: "global_average_pool" }, [7, 8, 3], [3]],
  ])("are those of the field's formulas: %j on %j", (layer, input, expected) => {
    expect(shapeAfter(layer, input)).toEqual(expected);
  });

  it("count the weights of a convolution as (height · width · channels + 1) · filters", () => {
    const { plan } = build({ input: [28, 28, 3], layers: [conv({ filters: 16, kernel_size: [3, 5] })] });
    expect(plan.parameterCount).toBe((3 * 5 * 3 + 1) * 16);
  });

  it.each<[LayerSpec, number[], string]>([
    [conv({}), [8], "layer 0 (conv2d): image: expected an image [height,width,channels] for each row, got [8]."],
    [
      conv({ kernel_size: 5 }),
      [4, 8, 1],
      "expected at least 5 pixels for a window that spans 5 with padding 0, got 4.",
    ],
    [conv({ stride: 0 }), [4, 8, 1], "expected stride an integer ≥ 1, got 0"],
    [
      conv({ groups: 3, filters: 6 }),
      [4, 8, 4],
      "layer 0 (conv2d): groups: expected channels and filters that 3 groups divide, got 4 channels and 6 filters.",
    ],
    [{ type: "spatial_dropout", rate: 0.5 }, [8], "layer 0 (spatial_dropout): spatial_dropout: expected a sequence"],
    [{ type: "local_response_norm", size: 0 }, [8, 8, 1], "expected size an integer ≥ 1, got 0"],
    [
      { type: "conv2d_transpose", filters: 1, kernel_size: 3, stride: 2, padding: "same", output_size: 9 },
      [4, 4, 1],
      "expected pixels that the convolution takes to [4,4], such as [8,8], got [9,9], which it takes to [5,5]",
    ],
    [conv({ padding: -1 }), [4, 8, 1], "expected padding an integer ≥ 0, got -1"],
    [conv({ filters: 2.5 }), [4, 8, 1], "expected filters an integer ≥ 1, got 2.5"],
    [{ type: "max_pool2d", pool_size: 9 }, [8, 8, 1], "layer 0 (max_pool2d)"],
    [{ type: "max_pool2d", pool_size: [3, 2], padding: [1, 2] }, [8, 8, 1], "expected padding in [0, 2), got 2"],
    [{ type: "global_average_pool" }, [8], "layer 0 (global_average_pool)"],
  ])("are refused where they do not fit, naming layer and need: %j on %j", (layer, input, message) => {
    expect(() => shapeAfter(layer, input)).toThrow(message);
  });
});
