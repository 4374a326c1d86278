// An image: [height, width, channels] inputs from 0 to 1, pixel / 255.
import type { ImageColumn, TableColumn } from "../table.ts";
import type { FeatureEncoder, Matrix, Refusal } from "./encoder.ts";

export interface ImageState {
  kind: "image";
  name: string;
  /** [height, width, channels] */
  shape: [number, number, number];
}

const brightest = 255;

export const imageEncoder: FeatureEncoder<ImageState> = {
  fit(column) {
    const { name, shape } = imageColumn(column);
    return { kind: "image", name, shape };
  },

  width: ({ shape }) => size(shape),
  shape: ({ shape }) => [...shape],

  encode({ shape }, column, rows, into, offset, stride) {
    const { pixels } = imageColumn(column);
    const width = size(shape);
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i] * width;
      const to = i * stride + offset;
      for (let j = 0; j < width; j++) into[to + j] = pixels[from + j] / brightest;
    }
  },

  /** Nested [h][w][c], [h][w] for one channel, or a flat array of the right length; pixels are numbers from 0 to 255. */
  encodeValue({ shape }, value, into, start) {
    const [height, width, channels] = shape;
    const shapes = channels === 1 ? [[size(shape)], [height, width], shape] : [[size(shape)], shape];
    const expected = `an array of shape ${shapes.map((one) => `[${one.join(", ")}]`).join(" or ")} of numbers from 0 to 255`;
    const wanted = shapes.find((one) => one.length === depthOf(value));
    const wrong =
      wanted === undefined ? { pointer: "", got: undefined } : copyPixels(value, wanted, "", { into, at: start });
    if (wrong === undefined) return undefined;
    const refusal: Refusal = { code: "not_an_image", expected, hint: "Send the pixels row by row." };
    return { ...refusal, pointer: wrong.pointer, ...(wrong.got !== undefined && { got: wrong.got }) };
  },

  describe: ({ name, shape }) => ({ name, type: "image", required: true, nullable: false, shape }),
};

const size = ([height, width, channels]: readonly number[]) => height * width * channels;

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
    cursor.into[cursor.at++] = value / brightest;
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
