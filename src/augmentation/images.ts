// Images of a training, changed by chance: mirrored, moved, turned, enlarged, and covered in part.
// Simard, Steinkraus & Platt, 2003; crops of a random part: Szegedy et al., 2015; cut-out: DeVries & Taylor, 2017
// An output pixel at (u, v) from the middle takes the colour at   middle + d + s·R(φ)·(±u, v)
//   d shift and place of the part that is cut out, s = √(its area), φ angle; beyond the border its pixels are repeated
import type { Augmentation } from "../contract/augmentation.ts";
import type { Augment } from "../engine/augment.ts";
import { type Generator, uniform } from "../engine/random.ts";
import type { Elements } from "../engine/tensor.ts";

/** How an output pixel finds its colour. Distances in pixels. */
export interface Placement {
  readonly mirrored: boolean;
  readonly right: number;
  readonly down: number;
  /** φ in radians. */
  readonly angle: number;
  /** s, at most 1. */
  readonly size: number;
}

/** @param shape [height, width, channels]
 * @param average the colour of a covered part, one number for each channel */
export function imageAugmentation(
  options: Augmentation,
  shape: readonly number[],
  average: readonly number[],
): Augment {
  const source = new Float64Array(shape.reduce((product, extent) => product * extent, 1));
  const moves = [options.flip, options.shift, options.rotate, options.crop].some(
    (option) => option !== undefined && option !== false,
  );
  return (image, generator) => {
    if (moves) {
      source.set(image);
      placeImage(source, image, shape, draw(options, shape, generator));
    }
    if (options.cut_out !== undefined) cover(image, shape, average, options.cut_out, generator);
  };
}

function draw(
  { flip = false, shift = 0, rotate = 0, crop = 1 }: Augmentation,
  [height, width]: readonly number[],
  generator: Generator,
): Placement {
  /** Uniform in (−most, most). */
  const within = (most: number): number => (most === 0 ? 0 : most * (2 * uniform(generator) - 1));
  /** A whole number from −most to most. */
  const steps = (most: number): number => (most === 0 ? 0 : Math.floor(uniform(generator) * (2 * most + 1)) - most);
  const mirrored = flip && uniform(generator) < 0.5;
  const size = crop === 1 ? 1 : Math.sqrt(crop + (1 - crop) * uniform(generator));
  return {
    mirrored,
    size,
    right: steps(shift) + within(((1 - size) * (width - 1)) / 2),
    down: steps(shift) + within(((1 - size) * (height - 1)) / 2),
    angle: within((rotate * Math.PI) / 180),
  };
}

/** Writes the placed image into `to`. */
export function placeImage(
  from: Elements,
  to: Elements,
  shape: readonly number[],
  { mirrored, right, down, angle, size }: Placement,
): void {
  const [height, width, channels] = shape;
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const [cosine, sine] = [size * Math.cos(angle), size * Math.sin(angle)];
  const whole = size === 1 && angle === 0;
  let at = 0;
  for (let y = 0; y < height; y++) {
    const v = y - middleY;
    for (let x = 0; x < width; x++, at += channels) {
      const u = mirrored ? middleX - x : x - middleX;
      const sourceX = clamp(middleX + right + cosine * u - sine * v, width - 1);
      const sourceY = clamp(middleY + down + sine * u + cosine * v, height - 1);
      // Whole pixels: no colour has to be mixed.
      if (whole) {
        const start = (sourceY * width + sourceX) * channels;
        for (let channel = 0; channel < channels; channel++) to[at + channel] = from[start + channel];
      } else mix(from, shape, sourceX, sourceY, to, at);
    }
  }
}

/** Bilinear: the colours of the four pixels around a point, each by its nearness. */
function mix(from: Elements, shape: readonly number[], x: number, y: number, to: Elements, at: number): void {
  const [height, width, channels] = shape;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [alongX, alongY] = [x - left, y - top];
  const upper = (top * width + left) * channels;
  const next = left + 1 < width ? channels : 0;
  const below = top + 1 < height ? width * channels : 0;
  for (let channel = 0; channel < channels; channel++) {
    const start = upper + channel;
    const above = from[start] + alongX * (from[start + next] - from[start]);
    const under = from[start + below] + alongX * (from[start + below + next] - from[start + below]);
    to[at + channel] = above + alongY * (under - above);
  }
}

/** A square around a pixel of the image, cut off at the border. */
function cover(
  image: Elements,
  [height, width, channels]: readonly number[],
  average: readonly number[],
  side: number,
  generator: Generator,
): void {
  const left = Math.floor(uniform(generator) * width) - Math.floor(side / 2);
  const top = Math.floor(uniform(generator) * height) - Math.floor(side / 2);
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + side); x++) {
      const start = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) image[start + channel] = average[channel];
    }
  }
}

function clamp(at: number, last: number): number {
  return at < 0 ? 0 : at > last ? last : at;
}
