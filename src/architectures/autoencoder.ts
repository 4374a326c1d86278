// Autoencoder. Hinton & Salakhutdinov, "Reducing the dimensionality of data with neural networks", 2006; with hidden inputs:
// Vincent, Larochelle, Bengio & Manzagol, "Extracting and composing robust features with denoising autoencoders", 2008;
// of images: Masci, Meier, Cireşan & Schmidhuber, 2011.
//   convolutions that halve the image · dense layers · code · dense layers · transposed convolutions that double it
import type { z } from "zod";
import type { autoencoder as autoencoderSchema } from "../contract/architectures/autoencoders.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { Fault } from "../errors.ts";
import type { ArchitectureDefinition, Task } from "./architecture.ts";

type Parameters = z.output<typeof autoencoderSchema>;
type Resolved = Omit<Parameters, "hidden" | "filters"> & { hidden: number[]; filters: number[] };

/** Below, nothing is left to convolve after two halvings. */
const leastImage = 8;

export const autoencoder: ArchitectureDefinition<Parameters> = {
  type: "autoencoder",
  title: "Autoencoder",
  source: "Hinton & Salakhutdinov, 2006; Vincent et al., 2008",
  example: {
    name: "unusual-flowers",
    architecture: { type: "autoencoder", code: 2, hidden: [16] },
    dataset: { builtin: "iris", features: ["sepal_length", "sepal_width", "petal_length", "petal_width"] },
    hyperparameters: { epochs: 100 },
  },
  task: "reconstruction",
  defaults: { hyperparameters: { optimizer: { type: "adam" }, schedule: { type: "cosine" } } },
  check: faultsOf,
  resolve: (parameters, _head, { inputShape }) => resolved(parameters, inputShape),
  build(parameters, inputShape) {
    const { code, hidden, filters, activation, noise } = resolved(parameters, inputShape);
    const extents = halved(inputShape, filters.length);
    const [height, width] = extents.at(-1)!;
    const narrow = { kernel_size: 3, stride: 2, padding: "same" } as const;
    const dense = (units: number): LayerSpec => ({ type: "dense", units, activation });
    const mirrored = filters.map((_, index): LayerSpec => {
      const [rows, columns] = extents[index];
      const isLast = index === 0;
      return {
        type: "conv2d_transpose",
        filters: isLast ? inputShape[2] : filters[index - 1],
        ...narrow,
        output_size: [rows, columns],
        activation: isLast ? "identity" : activation,
      };
    });
    const inputs = inputShape.reduce((product, extent) => product * extent, 1);
    const last: LayerSpec[] =
      filters.length === 0
        ? [{ type: "dense", units: inputs }]
        : [
            dense(height * width * filters.at(-1)!),
            { type: "reshape", shape: [height, width, filters.at(-1)!] },
            ...mirrored.toReversed(),
            { type: "flatten" },
          ];
    return {
      layers: [
        ...(noise > 0 ? [{ type: "dropout" as const, rate: noise }] : []),
        ...filters.map((count): LayerSpec => ({ type: "conv2d", filters: count, ...narrow, activation })),
        ...(inputShape.length > 1 ? [{ type: "flatten" as const }] : []),
        ...hidden.map(dense),
        { type: "dense", units: code },
        ...hidden.toReversed().map(dense),
        ...last,
      ],
    };
  },
};

function resolved(parameters: Parameters, inputShape: readonly number[]): Resolved {
  const suits = inputShape.length === 3 && Math.min(inputShape[0], inputShape[1]) >= leastImage;
  const filters = parameters.filters === "auto" ? (suits ? [16, 32] : []) : parameters.filters;
  const hidden = parameters.hidden === "auto" ? (filters.length > 0 ? [] : [64]) : parameters.hidden;
  return { ...parameters, filters, hidden };
}

/** The extents of an image before each halving, and after the last. */
function halved([height, width]: readonly number[], times: number): [number, number][] {
  const extents: [number, number][] = [[height, width]];
  for (let i = 0; i < times; i++) {
    const [rows, columns] = extents[i];
    extents.push([Math.ceil(rows / 2), Math.ceil(columns / 2)]);
  }
  return extents;
}

function faultsOf({ filters }: Parameters, { inputShape, tokens }: Task): Fault[] {
  if (tokens !== undefined) {
    const detail = "autoencoder gives numbers back, but a row of this data is tokens, whose numbers are names.";
    const hint = 'Read texts as "encoding": "tfidf" or "counts".';
    return [{ pointer: "/architecture/type", code: "needs_numbers", detail, hint }];
  }
  if (filters === "auto" || filters.length === 0 || inputShape.length === 3) return [];
  const detail = `filters are for images, [height,width,channels], but a row of this data is [${inputShape.join(",")}].`;
  return [{ pointer: "/architecture/filters", code: "needs_images", detail, hint: "Leave filters out." }];
}
