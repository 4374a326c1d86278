// Sounds of a training, changed by chance, as the frames (frames, bands) of their spectrum that a network takes.
// shift   frames earlier or later, filled with silence       gain   a constant to the energies of every frame
// noise   normal, to every band of every frame               masks  stretches of time and of bands that become 0, the
//         mean of a standardised band: SpecAugment, Park et al., 2019
import type { Augmentation } from "../contract/augmentation.ts";
import type { Augment } from "../engine/augment.ts";
import { type Generator, normal, uniform } from "../engine/random.ts";
import type { Elements } from "../engine/tensor.ts";

export interface SpectrumFrames {
  readonly frames: number;
  readonly bands: number;
  readonly millisecondsPerFrame: number;
  /** A frame of silence, (bands). */
  readonly silence: readonly number[];
  /** What each band of a frame grows by when the sound becomes a decibel louder, (bands). */
  readonly decibel: readonly number[];
}

export function soundAugmentation(options: Augmentation, spectrum: SpectrumFrames): Augment {
  const { shift, gain, noise, spec_augment } = options;
  const { frames, bands, millisecondsPerFrame, silence, decibel } = spectrum;
  const most = Math.min(frames, Math.round((shift ?? 0) / millisecondsPerFrame));
  return (sound, generator) => {
    if (most > 0) move(sound, wholeNumber(generator, -most, most), silence);
    if (gain !== undefined) {
      const louder = gain * (2 * uniform(generator) - 1);
      for (let i = 0; i < sound.length; i++) sound[i] += louder * decibel[i % bands];
    }
    if (noise !== undefined) for (let i = 0; i < sound.length; i++) sound[i] += noise * normal(generator);
    if (spec_augment === undefined) return;
    const { time_masks, time_width, frequency_masks, frequency_width } = spec_augment;
    for (let mask = 0; mask < time_masks; mask++) {
      const [from, to] = stretch(generator, frames, time_width);
      sound.fill(0, from * bands, to * bands);
    }
    for (let mask = 0; mask < frequency_masks; mask++) {
      const [from, to] = stretch(generator, bands, frequency_width);
      for (let frame = 0; frame < frames; frame++) sound.fill(0, frame * bands + from, frame * bands + to);
    }
  };
}

/** The frames go `later` places on, or back where it is negative. */
function move(sound: Elements, later: number, silence: readonly number[]): void {
  const bands = silence.length;
  const places = later * bands;
  if (places > 0) sound.copyWithin(places, 0, sound.length - places);
  else sound.copyWithin(0, -places);
  const [from, to] = places > 0 ? [0, places] : [sound.length + places, sound.length];
  for (let i = from; i < to; i++) sound[i] = silence[i % bands];
}

/** From and before to: at most `width` of `extent` places, anywhere. */
function stretch(generator: Generator, extent: number, width: number): [number, number] {
  const length = wholeNumber(generator, 0, Math.min(width, extent));
  const from = wholeNumber(generator, 0, extent - length);
  return [from, from + length];
}

/** Uniform from `least` to `most`, both included. */
function wholeNumber(generator: Generator, least: number, most: number): number {
  return least + Math.floor(uniform(generator) * (most - least + 1));
}
