// The way back: what a network gives for the inputs of a row, in the words of its columns.
import type { EncoderState } from "./catalogue.ts";
import { encoderOf } from "./catalogue.ts";
import type { FittedFeatures } from "./encode.ts";
import type { Matrix } from "./encoder.ts";
import { unscaled } from "./scaling.ts";

/** The inputs that belong to a feature. */
export interface FeaturePlace {
  name: string;
  start: number;
  width: number;
}

export function placesOf({ encoders }: FittedFeatures): FeaturePlace[] {
  let end = 0;
  return encoders.map((state) => {
    const [start, width] = [end, encoderOf(state.kind).width(state)];
    end += width;
    return { name: state.name, start, width };
  });
}

/** Each feature of a row: numbers in their own units, the likeliest category or truth value, pixels from 0 to 255; of all
 * other kinds the inputs themselves. */
export function decodeRow(fitted: FittedFeatures, inputs: Matrix): Record<string, unknown> {
  const places = placesOf(fitted);
  const valueOf = (state: EncoderState, index: number): unknown => {
    const { start, width } = places[index];
    return decoded(state, inputs.subarray(start, start + width));
  };
  return Object.fromEntries(fitted.encoders.map((state, index) => [state.name, valueOf(state, index)]));
}

type Decoder<State> = (state: State, inputs: Matrix) => unknown;

const decoders: { readonly [Kind in EncoderState["kind"]]?: Decoder<Extract<EncoderState, { kind: Kind }>> } = {
  // Ranks have no way back to numbers.
  number: (state, [value]) => (state.ranks === undefined ? unscaled(value, state) : value),
  boolean: (_state, [value]) => value >= 0.5,
  category({ categories }, inputs) {
    const place = [...inputs].indexOf(Math.max(...inputs));
    return place < categories.length ? categories[place] : null;
  },
  image: ({ shape, scalings }, inputs) =>
    nested(
      inputs.map((input, i) => pixelOf(input, scalings, i)),
      shape,
    ),
};

function decoded(state: EncoderState, inputs: Matrix): unknown {
  const decode = decoders[state.kind] as Decoder<EncoderState> | undefined;
  return decode === undefined ? [...inputs] : decode(state, inputs);
}

function pixelOf(
  input: number,
  scalings: readonly { centre: number; spread: number }[] | undefined,
  i: number,
): number {
  const share = scalings === undefined ? input : unscaled(input, scalings[i % scalings.length]);
  return Math.round(Math.min(1, Math.max(0, share)) * 255);
}

/** [height][width][channels], of one channel [height][width]: as an instance may be sent. */
function nested(values: Matrix, [height, width, channels]: readonly number[]): unknown {
  const at = (row: number, column: number) => {
    const start = (row * width + column) * channels;
    return channels === 1 ? values[start] : [...values.subarray(start, start + channels)];
  };
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_column, column) => at(row, column)),
  );
}
