// An image: [height, width, channels] inputs, pixel / 255, or standardised channel by channel over the training rows. It
// may be cut to its middle, resized, and made grey or three-channelled, in this order.
import type { FeatureOptions } from "../../contract/feature.ts";
import type { ImageColumn, TableColumn } from "../table.ts";
import type { FeatureEncoder, Matrix, Refusal } from "./encoder.ts";
import { cropped, type Picture, resized, withChannels } from "./resample.ts";
import { fitScaling, scaled, type Scaling } from "./scaling.ts";
import { someRows } from "./some-rows.ts";

type Shape = [number, number, number];

export interface ImageState {
  kind: "image";
  name: string;
  /** [height, width, channels] of the network's input */
  shape: Shape;
  /** Present where the images of the dataset have another shape: theirs. */
  source?: Shape;
  /** [height, width] of the middle that is kept */
  crop?: [number, number];
  /** Of pixel / 255; one per channel. */
  scalings?: Scaling[];
}

const brightest = 255;
/** Inputs that the scalings are fitted on, at most: 10,204 images of MNIST, 40 photos of 256 × 256. */
const inputsLookedAt = 8_000_000;

/** The shape that an image of `source` becomes. */
export function imageShape(source: readonly number[], { crop, size, channels }: FeatureOptions): Shape {
  const [height, width] = size ?? crop ?? [source[0], source[1]];
  return [height, width, channels ?? source[2]];
}

export const imageEncoder: FeatureEncoder<ImageState> = {
  fit(column, trainingRows, options) {
    const { name, shape: source } = imageColumn(column);
    const shape = imageShape(source, options);
    const state: ImageState = { kind: "image", name, shape };
    if (options.crop !== undefined) state.crop = options.crop;
    if (options.crop !== undefined || shape.some((extent, axis) => extent !== source[axis])) state.source = source;
    if (options.scale === "standard") state.scalings = fitChannels(state, column, trainingRows);
    return state;
  },

  width: ({ shape }) => elementsOf(shape),
  shape: ({ shape }) => [...shape],

  encode(state, column, rows, into, offset, stride) {
    const { pixels } = imageColumn(column);
    const size = elementsOf(sourceOf(state));
    for (let i = 0; i < rows.length; i++)
      write(state, pixels.subarray(rows[i] * size, (rows[i] + 1) * size), into, i * stride + offset);
  },

  /** Nested [h][w][c], [h][w] for one channel, or a flat array of the right length; pixels are numbers from 0 to 255. */
  encodeValue(state, value, into, start) {
    const source = sourceOf(state);
    const [height, width, channels] = source;
    const shapes = channels === 1 ? [[elementsOf(source)], [height, width], source] : [[elementsOf(source)], source];
    const expected = `an array of shape ${shapes.map((one) => `[${one.join(", ")}]`).join(" or ")} of numbers from 0 to 255`;
    const wanted = shapes.find((one) => one.length === depthOf(value));
    const pixels = new Float64Array(elementsOf(source));
    const wrong =
      wanted === undefined ? { pointer: "", got: undefined } : copyPixels(value, wanted, "", { into: pixels, at: 0 });
    if (wrong === undefined) {
      write(state, pixels, into, start);
      return undefined;
    }
    const refusal: Refusal = { code: "not_an_image", expected, hint: "Send the pixels row by row." };
    return { ...refusal, pointer: wrong.pointer, ...(wrong.got !== undefined && { got: wrong.got }) };
  },

  describe: (state) => ({ name: state.name, type: "image", required: true, nullable: false, shape: sourceOf(state) }),
};

const elementsOf = ([height, width, channels]: readonly number[]) => height * width * channels;
const sourceOf = ({ source, shape }: ImageState): Shape => source ?? shape;

/** Pixels of the dataset's shape, 0 to 255, as inputs of the network. */
function write(state: ImageState, pixels: Uint8Array | Float64Array, into: Matrix, start: number): void {
  const { scalings, source } = state;
  const inputs = source === undefined ? pixels : transformed(state, pixels);
  if (scalings === undefined) {
    for (let i = 0; i < inputs.length; i++) into[start + i] = inputs[i] / brightest;
    return;
  }
  for (let i = 0; i < inputs.length; i++)
    into[start + i] = scaled(inputs[i] / brightest, scalings[i % scalings.length]);
}

function transformed({ shape, source, crop }: ImageState, pixels: ArrayLike<number>): ArrayLike<number> {
  const [height, width, channels] = shape;
  let picture: Picture = { shape: source!, pixels };
  if (crop !== undefined) picture = cropped(picture, ...crop);
  if (picture.shape[0] !== height || picture.shape[1] !== width) picture = resized(picture, height, width);
  return withChannels(picture, channels).pixels;
}

function fitChannels(state: ImageState, column: TableColumn, trainingRows: Int32Array): Scaling[] {
  const { shape } = state;
  const channels = shape[2];
  const rows = someRows(trainingRows, Math.max(1, Math.floor(inputsLookedAt / elementsOf(shape))));
  const all = new Float64Array(rows.length * elementsOf(shape));
  imageEncoder.encode(state, column, rows, all, 0, elementsOf(shape));
  return Array.from({ length: channels }, (_, channel) =>
    fitScaling(
      Float64Array.from({ length: all.length / channels }, (_unused, i) => all[i * channels + channel]),
      "standard",
    ),
  );
}

function imageColumn(column: TableColumn): ImageColumn {
  if (column.type === "image") return column;
  throw new Error(`Column "${column.name}" holds ${column.type}, not images.`);
}

/** How many arrays deep the first element lies; 0 for no array. Looks no deeper than an image can be. */
function depthOf(value: unknown): number {
  let depth = 0;
  for (let inner = value; Array.isArray(inner) && depth <= 3; inner = inner[0] as unknown) depth += 1;
  return depth;
}

/** Copies an array of exactly `shape`; gives the place of the first element that does not fit. */
function copyPixels(
  value: unknown,
  shape: readonly number[],
  pointer: string,
  cursor: { into: Matrix; at: number },
): { pointer: string; got: string | undefined } | undefined {
  if (shape.length === 0) {
    if (typeof value !== "number" || !(value >= 0 && value <= brightest)) return { pointer, got: undefined };
    cursor.into[cursor.at++] = value;
    return undefined;
  }
  if (!Array.isArray(value)) return { pointer, got: undefined };
  if (value.length !== shape[0]) return { pointer, got: `${value.length} elements instead of ${shape[0]}` };
  for (let i = 0; i < value.length; i++) {
    const wrong = copyPixels(value[i], shape.slice(1), `${pointer}/${i}`, cursor);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
