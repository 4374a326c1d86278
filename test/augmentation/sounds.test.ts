import { expect, test } from "vitest";
import { soundAugmentation } from "../../src/augmentation/sounds.ts";
import type { Augmentation } from "../../src/contract/augmentation.ts";
import { createGenerator, restart } from "../../src/engine/random.ts";

/** Five frames of three bands: frame f, band b is 10·f + b + 1. */
const [FRAMES, BANDS] = [5, 3];
const sound = () =>
  Float32Array.from({ length: FRAMES * BANDS }, (_, i) => 10 * Math.floor(i / BANDS) + (i % BANDS) + 1);
const spectrum = {
  frames: FRAMES,
  bands: BANDS,
  millisecondsPerFrame: 10,
  silence: [-1, -2, -3],
  decibel: [1, 0, 0.5],
};

function many(options: Augmentation, count = 100) {
  const augment = soundAugmentation(options, spectrum);
  const generator = createGenerator(3, "augmentation");
  return Array.from({ length: count }, (_, row) => {
    restart(generator, 3, "augmentation", 1, row);
    const changed = sound();
    augment(changed, generator);
    return changed;
  });
}

test("shift moves frames by up to so many milliseconds, with silence before or behind", () => {
  const shifts = many({ shift: 20 }).map((changed) => {
    const frames = Array.from({ length: FRAMES }, (_, f) => [...changed.subarray(f * BANDS, (f + 1) * BANDS)]);
    const later = frames.findIndex(([first]) => first === 1);
    const earlier = later === -1 ? (frames[0][0] - 1) / 10 : 0;
    const by = later === -1 ? -earlier : later;
    frames.forEach((frame, f) => {
      const from = f - by;
      const inside = from >= 0 && from < FRAMES;
      expect(frame).toEqual(inside ? [10 * from + 1, 10 * from + 2, 10 * from + 3] : [-1, -2, -3]);
    });
    return by;
  });
  expect([...new Set(shifts)].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
});

test("a sound can be moved out of its window as a whole, and no further", () => {
  const augment = soundAugmentation({ shift: 60_000 }, spectrum);
  const changed = sound();
  augment(changed, createGenerator(1, "augmentation"));
  expect(changed).toHaveLength(FRAMES * BANDS);
});

test("gain adds the same number of decibels to all frames", () => {
  for (const changed of many({ gain: 6 })) {
    const louder = changed[0] - 1;
    expect(Math.abs(louder)).toBeLessThanOrEqual(6);
    sound().forEach((value, i) => expect(changed[i]).toBeCloseTo(value + louder * spectrum.decibel[i % BANDS], 4));
  }
});

test("noise has its standard deviation", () => {
  const differences = many({ noise: 0.5 }, 400).flatMap((changed) =>
    [...changed].map((value, i) => value - sound()[i]),
  );
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / differences.length;
  // 6,000 numbers: the mean is within 4·0.5/√6000 of 0.
  expect(Math.abs(mean)).toBeLessThan(0.026);
  expect(Math.sqrt(variance)).toBeCloseTo(0.5, 1);
});

test("spec_augment hides whole frames and whole bands, no more than it may", () => {
  const masks = { time_masks: 1, time_width: 2, frequency_masks: 1, frequency_width: 1 };
  const hidden = many({ spec_augment: masks }).map((changed) => {
    const isHidden = (f: number, b: number) => changed[f * BANDS + b] === 0;
    const frames = [...Array(FRAMES).keys()].filter((f) => [0, 1, 2].every((b) => isHidden(f, b)));
    const bands = [0, 1, 2].filter((b) => [...Array(FRAMES).keys()].every((f) => isHidden(f, b)));
    const cells = changed.filter((value) => value === 0).length;
    expect(cells).toBe(BANDS * frames.length + FRAMES * bands.length - frames.length * bands.length);
    expect(frames.length === 2 ? frames[1] - frames[0] : 1).toBe(1);
    return [frames.length, bands.length];
  });
  expect(Math.max(...hidden.map(([frames]) => frames))).toBe(2);
  expect(Math.max(...hidden.map(([, bands]) => bands))).toBe(1);
});
