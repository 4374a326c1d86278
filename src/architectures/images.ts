// What architectures for images share: what a row must be, and how they are trained by default.
import type { Fault } from "../errors.ts";
import type { ArchitectureDefaults, Task } from "./architecture.ts";

/** Steps of Adam that shrink along half a cosine (Loshchilov & Hutter, 2017). */
export const imageDefaults: ArchitectureDefaults = {
  hyperparameters: {
    batch_size: 64,
    optimizer: { type: "adam", learning_rate: 0.001 },
    schedule: { type: "cosine" },
  },
};

/** Faults unless each row is an image of at least `least` × `least` pixels. A sound of frames × bands may be laid out as one. */
export function imageFaults(architecture: string, { inputShape }: Task, least: number): Fault[] {
  if (inputShape.length !== 3) {
    return [
      {
        pointer: "/architecture/type",
        code: "needs_images",
        detail: `${architecture} reads images, [height,width,channels], but a row of this data is [${inputShape.join(",")}].`,
        hint: 'Upload images (IDX, or a ZIP of pictures), or use {"type":"mlp"} for a table.',
      },
    ];
  }
  const [height, width] = inputShape;
  if (Math.min(height, width) >= least) return [];
  return [
    {
      pointer: "/architecture/type",
      code: "image_too_small",
      detail: `${architecture} needs images of at least ${least} × ${least} pixels, but these are ${height} × ${width}.`,
      hint: `Enlarge them with "size" of the feature, or use a "sequential" list of layers with smaller windows.`,
    },
  ];
}

/** A job over the built-in sample of MNIST. */
export function digitsExample(architecture: Record<string, unknown>, epochs: number): Record<string, unknown> {
  return {
    name: `digits-${String(architecture["type"])}`,
    architecture,
    dataset: { builtin: "mnist" },
    hyperparameters: { epochs },
  };
}

/** A number of filters or units in parts of the paper's, at least one. */
export function scaled(count: number, width: number): number {
  return Math.max(1, Math.round(count * width));
}
