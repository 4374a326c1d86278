// The target of a sequence task: a text as tokens, of which the network writes one after another until the end token.
import type { TargetTokens } from "../../contract/text-target.ts";
import type { TableColumn } from "../table.ts";
import type { Matrix } from "./encoder.ts";
import { textColumn } from "./text-column.ts";
import { specialTokens, textOfTokens, tokenNumbers, tokensEncoder, type TokensState } from "./tokens.ts";

export interface TextTarget {
  kind: "text";
  name: string;
  tokens: TokensState;
}

/** Target of a step behind the end of a text: it does not count (engine/losses/cross-entropy.ts). */
const ignored = -1;

/** Learns the vocabulary from the texts of the training rows. */
export function fitText(column: TableColumn, trainingRows: Int32Array, options: TargetTokens): TextTarget {
  return { kind: "text", name: column.name, tokens: tokensEncoder.fit(column, trainingRows, options) };
}

/** What the decoder is given and what it should answer, both (rows, max_length): a text of two tokens is given as
 * [start a b padding …] and asked as [a b end −1 …]. One that is too long has no end. */
export interface EncodedTexts {
  given: Matrix;
  asked: Matrix;
  /** as they stand in the table */
  texts: string[];
}

export function encodeTexts(
  { tokens: state }: TextTarget,
  column: TableColumn,
  rows: Int32Array,
  precision: "float32" | "float64",
): EncodedTexts {
  const { codes, dictionary } = textColumn(column);
  const size = rows.length * state.length;
  const empty = () => (precision === "float32" ? new Float32Array(size) : new Float64Array(size));
  const [given, asked] = [empty().fill(specialTokens.padding), empty().fill(ignored)];
  const texts = Array.from(rows, (row) => dictionary[codes[row]]);
  texts.forEach((text, index) => {
    const numbers = tokenNumbers(state, text);
    const start = index * state.length;
    given.set([specialTokens.start, ...numbers].slice(0, state.length), start);
    asked.set([...numbers, specialTokens.end].slice(0, state.length), start);
  });
  return { given, asked, texts };
}

/** Labels for a network that finds their steps itself, (rows, 1 + max_length): all its steps count (0), then the tokens of a
 * text, −1 behind them. */
export function encodeTranscripts(
  { tokens: state }: TextTarget,
  column: TableColumn,
  rows: Int32Array,
  precision: "float32" | "float64",
): Pick<EncodedTexts, "asked" | "texts"> {
  const { codes, dictionary } = textColumn(column);
  const width = 1 + state.length;
  const size = rows.length * width;
  const asked = (precision === "float32" ? new Float32Array(size) : new Float64Array(size)).fill(ignored);
  const texts = Array.from(rows, (row) => dictionary[codes[row]]);
  texts.forEach((text, index) => {
    asked.set([0, ...tokenNumbers(state, text)].slice(0, width), index * width);
  });
  return { asked, texts };
}

/** The text that tokens stand for; blanks may differ from those that were encoded. */
export function writtenText({ tokens }: TextTarget, numbers: readonly number[]): string {
  return textOfTokens(tokens, numbers);
}

/** A text as the network would write it without a mistake. */
export function writableText({ tokens }: TextTarget, text: string): string {
  return textOfTokens(tokens, tokenNumbers(tokens, text));
}
