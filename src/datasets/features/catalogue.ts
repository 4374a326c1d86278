// Which encoder serves which kind of feature: the closed table.
import type { ColumnType } from "../../contract/dataset.ts";
import type { FeatureOptions } from "../../contract/feature.ts";
import { audioEncoder } from "./audio.ts";
import type { AudioState } from "./audio.ts";
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
import { sequenceEncoder } from "./sequence.ts";
import type { SequenceState } from "./sequence.ts";
import { textEncoder } from "./text.ts";
import type { TextState } from "./text.ts";
import { isTokenEncoding, tokensEncoder } from "./tokens.ts";
import type { TokensState } from "./tokens.ts";

export type EncoderState =
  | NumberState
  | BooleanState
  | CategoryState
  | DatetimeState
  | TextState
  | TokensState
  | ImageState
  | AudioState
  | SequenceState;
type Kind = EncoderState["kind"];
type StateOf<K extends Kind> = Extract<EncoderState, { kind: K }>;

const encoders: { [K in Kind]: FeatureEncoder<StateOf<K>> } = {
  number: numberEncoder,
  boolean: booleanEncoder,
  category: categoryEncoder,
  datetime: datetimeEncoder,
  text: textEncoder,
  tokens: tokensEncoder,
  image: imageEncoder,
  audio: audioEncoder,
  sequence: sequenceEncoder,
};

/** Type of a feature → the kind of encoder. */
const featureKinds = {
  number: "number",
  integer: "number",
  boolean: "boolean",
  category: "category",
  datetime: "datetime",
  text: "text",
  image: "image",
  audio: "audio",
  sequence: "sequence",
} as const satisfies Record<ColumnType, Kind>;

export type FeatureType = ColumnType;

/** The encoder that a feature asks for: a text may be a bag of terms or a sequence of tokens. */
export function encoderFor({ type, encoding }: { type: FeatureType } & FeatureOptions): FeatureEncoder<EncoderState> {
  return encoders[type === "text" && isTokenEncoding(encoding) ? "tokens" : featureKinds[type]];
}

/** The encoder for states of this kind; it must only be given states of its own kind. */
export function encoderOf(kind: Kind): FeatureEncoder<EncoderState> {
  return encoders[kind];
}
