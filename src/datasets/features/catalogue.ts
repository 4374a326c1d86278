// Which encoder serves which kind of feature: the closed table.
import type { ColumnType } from "../../contract/dataset.ts";
import { booleanEncoder } from "./boolean.ts";
import type { BooleanState } from "./boolean.ts";
import { categoryEncoder } from "./category.ts";
import type { CategoryState } from "./category.ts";
import { datetimeEncoder } from "./datetime.ts";
import type { DatetimeState } from "./datetime.ts";
import type { FeatureEncoder } from "./encoder.ts";
import { imageEncoder } from "./image.ts";
import type { ImageState } from "./image.ts";
import { numberEncoder } from "./number.ts";
import type { NumberState } from "./number.ts";
import { textEncoder } from "./text.ts";
import type { TextState } from "./text.ts";

export type EncoderState = NumberState | BooleanState | CategoryState | DatetimeState | TextState | ImageState;
type Kind = EncoderState["kind"];
type StateOf<K extends Kind> = Extract<EncoderState, { kind: K }>;

const encoders: { [K in Kind]: FeatureEncoder<StateOf<K>> } = {
  number: numberEncoder,
  boolean: booleanEncoder,
  category: categoryEncoder,
  datetime: datetimeEncoder,
  text: textEncoder,
  image: imageEncoder,
};

/** Types that can be features → the kind of encoder. */
export const featureKinds = {
  number: "number",
  integer: "number",
  boolean: "boolean",
  category: "category",
  datetime: "datetime",
  text: "text",
  image: "image",
} as const satisfies Partial<Record<ColumnType, Kind>>;

export type FeatureType = keyof typeof featureKinds;

export const isFeatureType = (type: ColumnType): type is FeatureType => Object.hasOwn(featureKinds, type);

/** The encoder for states of this kind; it must only be given states of its own kind. */
export function encoderOf(kind: Kind): FeatureEncoder<EncoderState> {
  return encoders[kind];
}
