// From what a job asks of its images or sounds to the engine's function for one encoded row.
import { imageAugmentation } from "../augmentation/images.ts";
import { soundAugmentation, type SpectrumFrames } from "../augmentation/sounds.ts";
import type { Augmentation } from "../contract/augmentation.ts";
import type { ResolvedJobRequest } from "../contract/job.ts";
import type { AudioState } from "../datasets/features/audio.ts";
import type { FittedFeatures } from "../datasets/features/encode.ts";
import type { ImageState } from "../datasets/features/image.ts";
import { scaled } from "../datasets/features/scaling.ts";
import { spectrumOf } from "../datasets/features/spectrum.ts";
import type { Augment } from "../engine/augment.ts";

/** Images and sounds stand alone: there is one feature or none that asks for it. */
export function augmentationOf({ dataset }: ResolvedJobRequest, { encoders }: FittedFeatures): Augment | undefined {
  const [asked] = dataset.features ?? [];
  const options = typeof asked === "object" ? asked.augment : undefined;
  const [state] = encoders;
  if (options === undefined) return undefined;
  if (state.kind === "image") return ofImages(options, state);
  return state.kind === "audio" ? soundAugmentation(options, framesOf(state)) : undefined;
}

/** Standardised the average colour is 0, otherwise the middle of 0 to 1. */
function ofImages(options: Augmentation, { shape, scalings }: ImageState): Augment {
  const average = Array.from({ length: shape[2] }, () => (scalings === undefined ? 0.5 : 0));
  return imageAugmentation(options, shape, average);
}

function framesOf(state: AudioState): SpectrumFrames {
  const { frames, scalings, bands, coefficients, hop, sampleRate } = state;
  const silence = [...spectrumOf(state)(new Int16Array(0), 1)].map((value, band) => scaled(value, scalings[band]));
  // Energies are natural logarithms. Of a constant in all bands, the cosine transform leaves the first coefficient alone.
  const grows = Math.LN10 / 10;
  const decibel = scalings.map(({ spread }, band) => {
    if (coefficients === undefined) return grows / spread;
    return band === 0 ? (Math.sqrt(bands) * grows) / spread : 0;
  });
  return { frames, bands: scalings.length, millisecondsPerFrame: (1000 * hop) / sampleRate, silence, decibel };
}
