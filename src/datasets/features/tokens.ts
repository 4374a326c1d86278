// A text as a sequence of token numbers, for an embedding: the tokens of the training rows by frequency, after those of
// every vocabulary. Shorter texts are padded (in front, so that a recurrent network ends on the text), longer ones cut.
import { Tokenizer } from "@huggingface/tokenizers";
import type { FeatureOptions } from "../../contract/feature.ts";
import { isMissing } from "../cell.ts";
import { charactersIn, learnMerges, markedWords, type Merge, piecesOf, unmarked } from "./byte-pairs.ts";
import type { FeatureEncoder, Matrix } from "./encoder.ts";
import { itemsIn } from "./items.ts";
import { positionsOf } from "./positions.ts";
import { wordsOf } from "./terms.ts";
import { countTexts, exampleOf, textColumn, textOf } from "./text-column.ts";

export type TokenEncoding = "word_ids" | "character_ids" | "byte_pair_ids" | "item_ids" | "tokenizer";

export interface TokensState {
  kind: "tokens";
  name: string;
  encoding: TokenEncoding;
  /** position = number; empty with an imported tokenizer */
  tokens: string[];
  /** of byte pairs, in the order they were learnt */
  merges?: Merge[];
  /** tokenizer.json, as it was given */
  tokenizer?: object;
  /** numbers per text */
  length: number;
  padding: "front" | "back";
  /** A start and an end token around the text. */
  boundaries: boolean;
  example: string;
}

/** Tokens that every vocabulary begins with. */
export const specialTokens = { padding: 0, unknown: 1, start: 2, end: 3 } as const;
const specialNames = ["<padding>", "<unknown>", "<start>", "<end>"];

export const usualLength = 64;
export const usualTokens = 5000;

export const isTokenEncoding = (encoding: FeatureOptions["encoding"]): encoding is TokenEncoding =>
  encoding !== undefined && encoding !== "tf_idf" && encoding !== "counts";

/** Different numbers at most that a feature of tokens gives; nothing for other features. */
export function tokenCount({ encoding, vocabulary_size, tokenizer }: FeatureOptions): number | undefined {
  if (encoding !== "tokenizer") return isTokenEncoding(encoding) ? (vocabulary_size ?? usualTokens) : undefined;
  const { model, added_tokens = [] } = tokenizer as {
    model?: { vocab?: Record<string, number> | unknown[] };
    added_tokens?: { id: number }[];
  };
  const { vocab = {} } = model ?? {};
  const ids = Array.isArray(vocab) ? [vocab.length - 1] : Object.values(vocab);
  return [...ids, ...added_tokens.map(({ id }) => id)].reduce((most, id) => Math.max(most, id), -1) + 1;
}

export const tokensEncoder: FeatureEncoder<TokensState> = {
  fit(column, trainingRows, options) {
    const { vocabulary_size = usualTokens, max_length = usualLength, padding = "front", boundaries = false } = options;
    const encoding = isTokenEncoding(options.encoding) ? options.encoding : "word_ids";
    const texts = textColumn(column);
    const state = {
      name: texts.name,
      length: max_length,
      padding,
      boundaries,
      example: exampleOf(texts, trainingRows),
    };
    const vocabulary = vocabularies[encoding](countTexts(texts, trainingRows), vocabulary_size - specialNames.length);
    return {
      kind: "tokens",
      encoding,
      ...state,
      ...vocabulary,
      tokens: [...specialNames, ...vocabulary.tokens],
      ...(encoding === "tokenizer" && { tokenizer: options.tokenizer! }),
    };
  },

  width: ({ length }) => length,
  shape: ({ length }) => [length],

  encode(state, column, rows, into, offset, stride) {
    const { codes, dictionary } = textColumn(column);
    const number = numbering(state);
    for (let i = 0; i < rows.length; i++) {
      const code = codes[rows[i]];
      place(state, code < 0 ? [] : number(dictionary[code]), into, i * stride + offset);
    }
  },

  encodeValue(state, value, into, start) {
    const text = state.encoding === "item_ids" && isList(value) ? JSON.stringify(value) : textOf(value);
    if (text === undefined)
      return { code: "not_a_text", expected: "a string", hint: "Send a string, or null if it is not known." };
    place(state, isMissing(text) ? [] : numbering(state)(text), into, start);
    return undefined;
  },

  describe: ({ name, example }) => ({ name, type: "text", required: true, nullable: true, example }),
};

const isList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

type Texts = ReadonlyMap<string, number>;
type Vocabulary = Pick<TokensState, "tokens" | "merges">;

/** What each encoding learns from the training texts and how often they occur; at most `most` tokens. */
const vocabularies: Record<TokenEncoding, (texts: Texts, most: number) => Vocabulary> = {
  word_ids: (texts, most) => ({ tokens: mostFrequent(texts, wordsOf, most) }),
  character_ids: (texts, most) => ({ tokens: mostFrequent(texts, (text) => Array.from(text), most) }),
  item_ids: (texts, most) => ({ tokens: mostFrequent(texts, (text) => itemsIn(text), most) }),
  byte_pair_ids: (texts, most) => {
    const words = countsOf(texts, markedWords);
    const characters = charactersIn(words).slice(0, most);
    const merges = learnMerges(words, most - characters.length);
    return { tokens: [...new Set([...characters, ...merges.map(([left, right]) => left + right)])], merges };
  },
  tokenizer: () => ({ tokens: [] }),
};

function countsOf(texts: Texts, unitsOf: (text: string) => readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [text, times] of texts)
    for (const unit of unitsOf(text)) counts.set(unit, (counts.get(unit) ?? 0) + times);
  return counts;
}

function mostFrequent(texts: Texts, unitsOf: (text: string) => readonly string[], most: number): string[] {
  const counts = countsOf(texts, unitsOf);
  return [...counts.keys()]
    .sort()
    .sort((a, b) => counts.get(b)! - counts.get(a)!)
    .slice(0, most);
}

/** Text → token numbers, made once for a fitted encoder. */
const numberings = new WeakMap<TokensState, (text: string) => number[]>();

function numbering(state: TokensState): (text: string) => number[] {
  const known = numberings.get(state);
  if (known !== undefined) return known;
  const made = makeNumbering(state);
  numberings.set(state, made);
  return made;
}

function makeNumbering({ encoding, tokens, merges = [], tokenizer }: TokensState): (text: string) => number[] {
  if (encoding === "tokenizer") {
    const imported = new Tokenizer(tokenizer!, {});
    return (text) => imported.encode(text).ids;
  }
  const positions = positionsOf(tokens);
  const numbered = (units: readonly string[]) => units.map((unit) => positions.get(unit) ?? specialTokens.unknown);
  if (encoding === "word_ids") return (text) => numbered(wordsOf(text));
  if (encoding === "item_ids") return (text) => numbered(itemsIn(text));
  if (encoding === "character_ids") return (text) => numbered(Array.from(text));
  const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  return (text) => numbered(markedWords(text).flatMap((word) => piecesOf(word, ranks)));
}

/** The numbers of a text, all of them, without start and end. */
export function tokenNumbers(state: TokensState, text: string): number[] {
  return numbering(state)(text);
}

/** The text that numbers stand for: words with a blank between them, characters and pieces joined. */
export function textOfTokens({ encoding, tokens }: TokensState, numbers: readonly number[]): string {
  const units = numbers.map((number) => tokens[number]);
  if (encoding === "byte_pair_ids") return unmarked(units.join(""));
  return units.join(encoding === "character_ids" ? "" : " ");
}

/** The first numbers that there is room for, padded. */
function place({ length, padding, boundaries }: TokensState, numbers: number[], into: Matrix, start: number): void {
  const inner = numbers.slice(0, boundaries ? Math.max(0, length - 2) : length);
  const whole = boundaries ? [specialTokens.start, ...inner, specialTokens.end].slice(0, length) : inner;
  into.fill(specialTokens.padding, start, start + length);
  into.set(whole, start + (padding === "front" ? length - whole.length : 0));
}
