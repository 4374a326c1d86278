// One feature with everything decided that the schema can decide: its options, and how wide it will be at most.
import type { ColumnSchema } from "../../contract/dataset.ts";
import type { FeatureDefaults, FeatureOptions } from "../../contract/feature.ts";
import { audioFrames } from "./audio.ts";
import type { FeatureType } from "./catalogue.ts";
import { usualCategories } from "./category.ts";
import { partsWidth } from "./datetime.ts";
import { imageShape } from "./image.ts";
import { usualNgrams, usualVocabulary } from "./text.ts";
import { isTokenEncoding, usualLength, usualTokens } from "./tokens.ts";

export interface FeatureSpec extends FeatureOptions {
  name: string;
  type: FeatureType;
}

const numbers: readonly FeatureType[] = ["number", "integer"];

/** Option → the types of feature it means something for. */
export const optionTypes: Record<keyof FeatureOptions, readonly FeatureType[]> = {
  scale: [...numbers, "sequence", "image"],
  missing: numbers,
  indicator: numbers,
  max_categories: ["category"],
  parts: ["datetime"],
  encoding: ["text"],
  units: ["text"],
  ngrams: ["text"],
  vocabulary_size: ["text"],
  max_length: ["text", "sequence"],
  padding: ["text"],
  boundaries: ["text"],
  tokenizer: ["text"],
  crop: ["image"],
  size: ["image"],
  channels: ["image"],
  augment: ["image", "audio"],
  representation: ["audio"],
  bands: ["audio"],
  coefficients: ["audio"],
  window_ms: ["audio"],
  hop_ms: ["audio"],
  max_seconds: ["audio"],
  layout: ["audio"],
};

type Column = ColumnSchema;

/** What "auto" and options that are not given become, by type. */
const defaults: Record<FeatureType, (column: Column, asked: FeatureOptions) => FeatureOptions> = {
  number: numberDefaults,
  integer: numberDefaults,
  boolean: () => ({}),
  category: () => ({}),
  datetime: () => ({}),
  text: (column, asked) => {
    const encoding = asked.encoding ?? (asked.tokenizer === undefined ? "tf_idf" : "tokenizer");
    if (isTokenEncoding(encoding))
      return { encoding, max_length: usualLength, ...(encoding !== "tokenizer" && { vocabulary_size: usualTokens }) };
    const units = asked.units ?? (wordsPerExample(column) < 2 ? "characters" : "words");
    return { encoding, units, ngrams: usualNgrams(units), vocabulary_size: usualVocabulary };
  },
  // Pixels of photos as they are, 0 to 1, have little contrast and a mean: a network without normalisation may not learn.
  image: () => ({ scale: "standard" }),
  audio: ({ statistics: { max = 1 } }, { max_seconds }) =>
    max_seconds === "auto" ? { max_seconds: wholeTenths(max) } : {},
  sequence: ({ shape }) => (shape?.[0] === 0 ? { max_length: usualLength } : {}),
};

/** Seconds of the longest sound, as long as a feature may be at most. */
function wholeTenths(seconds: number): number {
  return Math.min(60, Math.ceil(10 * seconds) / 10);
}

function numberDefaults(column: Column, { scale = "auto" }: FeatureOptions): FeatureOptions {
  const automatic = isZeroOrOne(column) ? "none" : "standard";
  return { scale: scale === "auto" ? automatic : scale, missing: "mean" };
}

/** The feature with "auto" filled in, by the usual options of an architecture first; options that mean nothing for its type
 * are left out. */
export function specOf(
  column: ColumnSchema,
  type: FeatureType,
  asked: FeatureOptions,
  usual: FeatureDefaults = {},
): FeatureSpec {
  const given = Object.fromEntries(
    Object.entries({ ...usualOptions(column, type, asked, usual), ...asked }).filter(
      ([name, value]) => value !== undefined && optionTypes[name as keyof FeatureOptions]?.includes(type),
    ),
  ) as FeatureOptions;
  return { name: column.name, type, ...given, ...pick(defaults[type](column, given), given) };
}

/** The architecture's options for such a column. Who asks for another encoding of a text means that one's own defaults. */
function usualOptions(
  column: Column,
  type: FeatureType,
  asked: FeatureOptions,
  usual: FeatureDefaults,
): FeatureOptions {
  if (type !== "text") return usual[type] ?? {};
  if (asked.encoding !== undefined || asked.tokenizer !== undefined) return {};
  return (wordsPerExample(column) < 2 ? usual.word : undefined) ?? usual.text ?? {};
}

/** Defaults for what was not given, and the resolved value of what was given as "auto". */
function pick(resolved: FeatureOptions, given: FeatureOptions): FeatureOptions {
  const names = Object.keys(resolved) as (keyof FeatureOptions)[];
  return Object.fromEntries(
    names.filter((name) => given[name] === undefined || given[name] === "auto").map((name) => [name, resolved[name]]),
  );
}

/** Shape of a feature that must stand alone; nothing for those that may stand side by side. */
export function loneShape(spec: FeatureSpec, { shape = [], sample_rate = 1 }: ColumnSchema): number[] | undefined {
  switch (spec.type) {
    case "image":
      return imageShape(shape, spec);
    case "text":
      return isTokenEncoding(spec.encoding) ? [spec.max_length ?? usualLength] : undefined;
    case "sequence":
      return [spec.max_length ?? shape[0], shape[1]];
    case "audio": {
      const { spec: spectrum, frames } = audioFrames(spec, sample_rate);
      const bands = spectrum.coefficients ?? spectrum.bands;
      return spec.layout === "image" ? [frames, bands, 1] : [frames, bands];
    }
    default:
      return undefined;
  }
}

/** Network inputs of a feature that may stand beside others, as far as the schema tells: exact, or at most so many. */
export function expectedWidth(
  { type, max_categories = usualCategories, indicator, parts, vocabulary_size = usualVocabulary }: FeatureSpec,
  { statistics }: ColumnSchema,
): { width: number; exact: boolean } {
  switch (type) {
    case "category":
      return { width: Math.min(max_categories, statistics.distinct), exact: false };
    case "datetime":
      return { width: partsWidth(parts), exact: parts !== undefined };
    case "text":
      return { width: vocabulary_size, exact: false };
    default:
      return { width: indicator === true ? 2 : 1, exact: true };
  }
}

/** Only 0 and 1 occur. */
function isZeroOrOne({ statistics: { distinct, min, max } }: ColumnSchema): boolean {
  return distinct <= 2 && [min, max].every((value) => value === 0 || value === 1);
}

/** One-hot inputs are binary; a truth value is unless it may be missing (0.5); numbers are when only 0 and 1 occur, unscaled. */
export function isBinary({ type, scale }: FeatureSpec, column: ColumnSchema): boolean {
  const { missing } = column.statistics;
  if (type === "category") return true;
  if (type === "boolean") return missing === 0;
  return (type === "number" || type === "integer") && missing === 0 && isZeroOrOne(column) && scale === "none";
}

/** The largest input of a feature whose inputs are whole numbers from 0 on, such as the indices that an embedding reads. */
export function largestIndex(spec: FeatureSpec, column: ColumnSchema): number | undefined {
  if (isBinary(spec, column)) return 1;
  const { min = -1, max, missing } = column.statistics;
  const isIndex = numbers.includes(spec.type) && column.type === "integer" && spec.scale === "none";
  return isIndex && min >= 0 && missing === 0 ? max : undefined;
}

/** Words per cell on average, among the examples. */
export function wordsPerExample({ examples }: ColumnSchema): number {
  const texts = examples.filter((example) => typeof example === "string");
  if (texts.length === 0) return 0;
  return texts.reduce((sum, text) => sum + text.split(/\s+/u).filter((word) => word !== "").length, 0) / texts.length;
}
