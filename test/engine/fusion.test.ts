import { expect, it } from "vitest";
import type { LayerSpec } from "../../src/engine/layers/catalogue.ts";
import { tensorsOf } from "../../src/engine/operations.ts";
import { build } from "./construction.ts";

const conv: LayerSpec = { type: "conv2d", filters: 2, kernel_size: 3, padding: 1 };
const norm: LayerSpec = { type: "batch_norm" };
const relu: LayerSpec = { type: "activation", activation: "relu" };

const planOf = (layers: LayerSpec[]) =>
  build({
    input: [4, 4, 2],
    layers: [...layers, { type: "flatten" }, { type: "dense", units: 2 }],
    loss: "mean_squared_error",
  }).plan;

it("a relu behind a convolution is done by the convolution, and what lay between needs no memory", () => {
  const plan = planOf([conv, relu]);
  expect(plan.predict.slice(0, 2)).toMatchObject([{ kind: "conv2d", relu: true }, { kind: "gemm_nn" }]);
  const names = new Set(
    plan.lists
      .flat()
      .flatMap(tensorsOf)
      .map(({ name }) => name),
  );
  expect([...names].filter((name) => name.endsWith(".y"))).toEqual(["1.activation.y", "3.dense.y"]);
});

it("normalisation, addition and relu are one operation forward, and the relu is a mask backward", () => {
  const block: LayerSpec = { type: "residual", layers: [conv, norm, relu, conv, norm], activation: "relu" };
  const kinds = planOf([conv, block]).training!.differentiate.map(({ kind }) => kind);
  expect(kinds.filter((kind) => /norm|activate|^add$/.test(kind))).toEqual([
    "batch_norm",
    "batch_norm",
    // The gradient of the sum is needed twice: by the layers and, added at the end, by the input.
    "activate_backward",
    "batch_norm_backward",
    "batch_norm_backward",
    "add",
  ]);
});

it.each<[string, LayerSpec[]]>([
  ["something else lies between", [conv, { type: "dropout", rate: 0.5 }, relu]],
  ["the function is another", [conv, { type: "activation", activation: "tanh" }]],
  ["a residual connection adds what the relu read", [conv, { type: "residual", layers: [relu, conv] }]],
  [
    "another function reads the same numbers",
    [conv, { type: "residual", layers: [{ type: "activation", activation: "gelu" }, conv], projection: [relu, conv] }],
  ],
])("nothing is fused where %s", (_name, layers) => {
  expect(planOf(layers).training!.differentiate).not.toContainEqual(expect.objectContaining({ relu: true }));
});

it("a convolution that does the relu behind a flatten still makes an image", () => {
  const [first] = planOf([conv, { type: "flatten" }, relu]).predict;
  expect(first).toMatchObject({ kind: "conv2d", relu: true, y: { shape: [4, 4, 2] } });
});
