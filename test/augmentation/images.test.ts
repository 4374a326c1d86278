import { expect, test } from "vitest";
import { imageAugmentation, placeImage } from "../../src/augmentation/images.ts";
import type { Augmentation } from "../../src/contract/augmentation.ts";
import { createGenerator, restart } from "../../src/engine/random.ts";

/** 3 × 4 pixels of two channels: the second is the negative of the first. */
const [HEIGHT, WIDTH] = [3, 4];
const shape = [HEIGHT, WIDTH, 2];
const picture = () =>
  Float32Array.from({ length: HEIGHT * WIDTH * 2 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + Math.floor(i / 2)));
/** The first channel, row by row. */
const rowsOf = (image: ArrayLike<number>, width = WIDTH) => {
  const pixels = Array.from(image).filter((_, i) => i % 2 === 0);
  return Array.from({ length: pixels.length / width }, (_, y) => pixels.slice(y * width, (y + 1) * width));
};

const still = { mirrored: false, right: 0, down: 0, angle: 0, size: 1 };
function placed(change: Partial<typeof still>, from = picture(), extents = shape) {
  const to = new Float32Array(from.length);
  placeImage(from, to, extents, { ...still, ...change });
  return to;
}

test("mirrored, left and right change places, and pixels keep their channels", () => {
  const image = placed({ mirrored: true });
  expect(rowsOf(image)).toEqual([
    [4, 3, 2, 1],
    [8, 7, 6, 5],
    [12, 11, 10, 9],
  ]);
  expect(image[1]).toBe(-4);
});

test("moved, the pixels at the border are repeated", () => {
  expect(rowsOf(placed({ right: 1, down: -1 }))).toEqual([
    [2, 3, 4, 4],
    [2, 3, 4, 4],
    [6, 7, 8, 8],
  ]);
});

test("turned by a right angle, a square is itself with other rows", () => {
  const square = Float32Array.of(1, -1, 2, -2, 3, -3, 4, -4);
  const turned = placed({ angle: Math.PI / 2 }, square, [2, 2, 2]);
  // Output (x, y) takes (−y, x): the upper right corner comes to the upper left.
  expect(rowsOf(turned, 2).flat()).toEqual([2, 4, 1, 3].map((value) => expect.closeTo(value, 6)));
});

test("enlarged, colours lie between those of the neighbours", () => {
  // Half the side around the middle: pixels at ¾, 1¼, 1¾, 2¼ of row 1, whose values are 5 to 8.
  const [, middle] = rowsOf(placed({ size: 0.5 }));
  expect(middle).toEqual([5.75, 6.25, 6.75, 7.25].map((value) => expect.closeTo(value, 6)));
});

/** Many rows through the augmentation, each with its own stream. */
function many(options: Augmentation, count = 200) {
  const augment = imageAugmentation(options, shape, [0, 0]);
  const generator = createGenerator(7, "augmentation");
  return Array.from({ length: count }, (_, row) => {
    restart(generator, 7, "augmentation", 1, row);
    const image = picture();
    augment(image, generator);
    return image;
  });
}
const different = (images: Float32Array[]) => new Set(images.map((image) => image.join())).size;

test("flip mirrors about half of the rows", () => {
  const mirrored = many({ flip: true }).filter((image) => image[0] === 4).length;
  expect(mirrored).toBeGreaterThan(70);
  expect(mirrored).toBeLessThan(130);
  expect(different(many({ flip: true }))).toBe(2);
  expect(different(many({ flip: false }))).toBe(1);
});

test("shift takes every place up to its limit, and no other", () => {
  const expected = new Set([-1, 0, 1].flatMap((right) => [-1, 0, 1].map((down) => placed({ right, down }).join())));
  expect(new Set(many({ shift: 1 }).map((image) => image.join()))).toEqual(expected);
});

test("rotate and crop stay within the image's own colours", () => {
  const images = many({ rotate: 30, crop: 0.5 });
  expect(different(images)).toBe(200);
  for (const image of images) {
    for (const [value, negative] of rowsOf(image)
      .flat()
      .map((pixel, i) => [pixel, image[2 * i + 1]])) {
      expect(value).toBeGreaterThanOrEqual(1);
      expect(value).toBeLessThanOrEqual(12);
      expect(negative).toBe(-value);
    }
  }
});

test("cut_out covers a square around a pixel, less at the border", () => {
  for (const image of many({ cut_out: 2 })) {
    const covered = rowsOf(image).flatMap((row, y) => row.flatMap((value, x) => (value === 0 ? [[x, y]] : [])));
    expect([1, 2, 4]).toContain(covered.length);
    for (const axis of [0, 1]) {
      const places = covered.map((place) => place[axis]);
      expect(Math.max(...places) - Math.min(...places)).toBeLessThanOrEqual(1);
    }
  }
});
