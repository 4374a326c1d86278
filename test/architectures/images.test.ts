// Networks for images: as large as their papers', and trained by the defaults of their architecture.
import { describe, expect, test } from "vitest";
import { blueprintOf } from "../../src/architectures/blueprint.ts";
import { architectureOf } from "../../src/architectures/catalogue.ts";
import { chooseHead } from "../../src/architectures/head.ts";
import { architecture as architectureSchema } from "../../src/contract/architecture.ts";
import { isTrained } from "../../src/engine/layers/layer.ts";
import { planNetwork } from "../../src/engine/plan.ts";
import { elementCount } from "../../src/engine/tensor.ts";
import { faultsOf, resolvedBy } from "./resolving.ts";

/** Numbers that training changes: running statistics are not among them. */
function trainedParameters(asked: object, inputShape: readonly number[], classes: number): number {
  const architecture = architectureSchema.parse(asked);
  const task = { kind: "classification", inputShape, outputs: classes, binaryInputs: false } as const;
  const head = chooseHead(task.kind, classes, "cross_entropy", undefined);
  const resolved = architectureOf(architecture.type).resolve?.(architecture, head, task) ?? architecture;
  const { network } = blueprintOf(resolved, head, inputShape);
  const options = { batchCapacity: 1, precision: "float32", loss: "cross_entropy" } as const;
  const { parameters } = planNetwork(network, { ...options, training: { optimizer: { type: "sgd" } } });
  return parameters.filter(isTrained).reduce((sum, { value }) => sum + elementCount(value), 0);
}

const imagenet = [224, 224, 3];
const paperVgg = { type: "vgg", width: 1, batch_norm: false, hidden: [4096, 4096] };

// LeNet-5 by hand: 156 + 2,416 + 48,120 + 10,164 + 850. The others are those of torchvision 0.14
// (sum(p.numel() for p in torchvision.models.vgg11().parameters()) and so on), but for ResNet-20: 270,896 by hand
// (16·27 + 6·16²·9 + 16·32·9 + 5·32²·9 + 32·64·9 + 5·64²·9 + 64·10 + 10 of convolutions and output + 1,376 of norms) and
// 2,560 + 192 of the two projections.
test.each([
  { asked: { type: "lenet5" }, image: [28, 28, 1], classes: 10, count: 61_706 },
  { asked: { ...paperVgg, depth: 11 }, image: imagenet, classes: 1000, count: 132_863_336 },
  { asked: { ...paperVgg, depth: 13 }, image: imagenet, classes: 1000, count: 133_047_848 },
  { asked: { ...paperVgg, depth: 16 }, image: imagenet, classes: 1000, count: 138_357_544 },
  { asked: { type: "resnet", depth: 18 }, image: imagenet, classes: 1000, count: 11_689_512 },
  { asked: { type: "resnet", depth: 34 }, image: imagenet, classes: 1000, count: 21_797_672 },
  { asked: { type: "resnet", depth: 20 }, image: [32, 32, 3], classes: 10, count: 272_474 },
])("$asked.type $asked.depth has $count trained parameters", ({ asked, image, classes, count }) => {
  expect(trainedParameters(asked, image, classes)).toBe(count);
});

// By hand, for images of 224 pixels a quarter of which is left after the first layer: 56, halved three times 27, 13, 6.
test("the paper's AlexNet, its maps in one group, is counted by hand", () => {
  const asked = { type: "alexnet", width: 1, batch_norm: false };
  const convolutions =
    (11 * 11 * 3 + 1) * 96 + (25 * 96 + 1) * 256 + (9 * 256 + 1) * 384 + (9 * 384 + 1) * 384 + (9 * 384 + 1) * 256;
  const dense = (6 * 6 * 256 + 1) * 4096 + 4097 * 4096 + 4097 * 1000;
  expect(trainedParameters(asked, imagenet, 1000)).toBe(convolutions + dense);
});

test("AlexNet as the paper has it, in two groups, is counted by hand", () => {
  const asked = { type: "alexnet", width: 1, batch_norm: false, groups: 2, local_response_norm: true };
  const convolutions =
    (11 * 11 * 3 + 1) * 96 + (25 * 48 + 1) * 256 + (9 * 256 + 1) * 384 + (9 * 192 + 1) * 384 + (9 * 192 + 1) * 256;
  const dense = (6 * 6 * 256 + 1) * 4096 + 4097 * 4096 + 4097 * 1000;
  expect(trainedParameters(asked, imagenet, 1000)).toBe(convolutions + dense);
  // Of an odd number of filters a group would have half a one.
  expect(trainedParameters({ ...asked, width: 0.05 }, [32, 32, 1], 3)).toBeGreaterThan(0);
});

describe("what a job for images does not say", () => {
  const images = { shape: [28, 28, 1] };

  test("is the architecture's: pixels standardised, Adam with shrinking steps", () => {
    const { hyperparameters, dataset } = resolvedBy({ type: "lenet5" }, { image: images });
    expect(dataset.features).toEqual([{ name: "image", type: "image", scale: "standard" }]);
    expect(hyperparameters).toMatchObject({
      batch_size: 64,
      optimizer: { type: "adam", learning_rate: 0.001 },
      schedule: { type: "cosine", minimum_learning_rate: 0, warmup_epochs: 0 },
    });
  });

  test("gives way to what it does say; the learning rate is only for the architecture's own optimizer", () => {
    const { hyperparameters, dataset } = resolvedBy(
      { type: "resnet" },
      { image: images },
      { batch_size: 16, schedule: { type: "constant" }, optimizer: { type: "adagrad" } },
      [{ name: "image", scale: "none" }],
    );
    expect(dataset.features).toEqual([{ name: "image", type: "image", scale: "none" }]);
    expect(hyperparameters).toMatchObject({
      batch_size: 16,
      optimizer: { type: "adagrad", learning_rate: 0.05 },
      schedule: { type: "constant" },
    });
  });

  test("shows in the resolved architecture too", () => {
    expect(resolvedBy({ type: "alexnet" }, { image: images }).architecture).toMatchObject({ stem: "small" });
    expect(resolvedBy({ type: "alexnet" }, { image: { shape: [160, 160, 3] } }).architecture).toMatchObject({
      stem: "large",
    });
  });
});

describe("a job that cannot be", () => {
  test("names what the architecture needs: images", () => {
    expect(faultsOf({ type: "vgg" }, { age: {} })).toEqual([
      expect.objectContaining({
        pointer: "/architecture/type",
        code: "needs_images",
        detail: "vgg reads images, [height,width,channels], but a row of this data is [1].",
      }),
    ]);
  });

  test("names what the architecture needs: pixels", () => {
    expect(faultsOf({ type: "lenet5" }, { image: { shape: [10, 28, 1] } })).toEqual([
      expect.objectContaining({
        code: "image_too_small",
        detail: "lenet5 needs images of at least 12 × 12 pixels, but these are 10 × 28.",
      }),
    ]);
  });
});
