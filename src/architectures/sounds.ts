// What architectures for speech share: what a row must be, and how they are trained by default.
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { Fault } from "../errors.ts";
import type { ArchitectureDefaults, Task } from "./architecture.ts";
import { digitsExample } from "./images.ts";

/** Frames of log-mel energies; gradients through many frames are cut. */
export const soundDefaults: ArchitectureDefaults = {
  features: { audio: { representation: "log_mel", layout: "sequence" } },
  hyperparameters: {
    batch_size: 32,
    optimizer: { type: "adam", learning_rate: 0.001 },
    schedule: { type: "cosine" },
    gradient_clip: { norm: 1 },
  },
};

/** Faults unless each row is [frames, bands], or [frames, bands, 1] as a sound laid out as an image is. */
export function soundFaults(architecture: string, { inputShape }: Task): Fault[] {
  if (inputShape.length === 2 || (inputShape.length === 3 && inputShape[2] === 1)) return [];
  return [
    {
      pointer: "/architecture/type",
      code: "needs_sounds",
      detail: `${architecture} reads sounds, [frames,bands], but a row of this data is [${inputShape.join(",")}].`,
      hint: "Upload a ZIP of WAV or MP3 files, or a column of sequences.",
    },
  ];
}

/** The frames under the shape that the layers behind need. */
export function framesAs(inputShape: readonly number[], layout: "sequence" | "image"): LayerSpec[] {
  const shape = layout === "sequence" ? inputShape.slice(0, 2) : [...inputShape.slice(0, 2), 1];
  return shape.length === inputShape.length ? [] : [{ type: "reshape", shape }];
}

/** A job that reads handwritten digits line by line, as 28 frames of 28 bands: no sounds come with the project. */
export function framesExample(architecture: Record<string, unknown>): Record<string, unknown> {
  return { ...digitsExample(architecture, 3), name: `lines-${String(architecture["type"])}` };
}
