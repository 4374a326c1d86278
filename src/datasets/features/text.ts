// A text as a bag of terms: one input per term of the vocabulary, its count, or TF-IDF (Salton & Buckley, 1988):
//   tf-idf(t) = count(t) · (ln((1 + n) / (1 + df(t))) + 1), then the row divided by its length (L2)
// n training rows, df(t) of them with the term. Terms outside the vocabulary count for nothing; a missing text is zeros.
import { isMissing } from "../cell.ts";
import type { FeatureEncoder, Matrix } from "./encoder.ts";
import { positionsOf } from "./positions.ts";
import { type TermChoice, termsOf } from "./terms.ts";
import { countTexts, exampleOf, textColumn, textOf } from "./text-column.ts";

export interface TextState extends TermChoice {
  kind: "text";
  name: string;
  /** by code point */
  terms: string[];
  /** one per term; present for TF-IDF */
  weights?: number[];
  example: string;
}

export const usualVocabulary = 5000;

export const textEncoder: FeatureEncoder<TextState> = {
  fit(column, trainingRows, options) {
    const { encoding = "tf_idf", units = "words", vocabulary_size = usualVocabulary } = options;
    const ngrams = options.ngrams ?? usualNgrams(units);
    const texts = textColumn(column);
    const rowsWith = new Map<string, number>();
    for (const [text, rows] of countTexts(texts, trainingRows)) {
      for (const term of new Set(termsOf(text, { units, ngrams })))
        rowsWith.set(term, (rowsWith.get(term) ?? 0) + rows);
    }
    // Sorted before and after: of equally frequent terms the first in order stay.
    const terms = [...rowsWith.keys()]
      .sort()
      .sort((a, b) => rowsWith.get(b)! - rowsWith.get(a)!)
      .slice(0, vocabulary_size)
      .sort();
    const weights = terms.map((term) => Math.log((1 + trainingRows.length) / (1 + rowsWith.get(term)!)) + 1);
    return {
      kind: "text",
      name: texts.name,
      units,
      ngrams,
      terms,
      ...(encoding === "tf_idf" && { weights }),
      example: exampleOf(texts, trainingRows),
    };
  },

  width: ({ terms }) => terms.length,

  encode(state, column, rows, into, offset, stride) {
    const { codes, dictionary } = textColumn(column);
    for (let i = 0; i < rows.length; i++) {
      const code = codes[rows[i]];
      encodeText(state, code < 0 ? "" : dictionary[code], into, i * stride + offset);
    }
  },

  encodeValue(state, value, into, start) {
    const text = textOf(value);
    if (text === undefined)
      return { code: "not_a_text", expected: "a string", hint: "Send a string, or null if it is not known." };
    encodeText(state, isMissing(text) ? "" : text, into, start);
    return undefined;
  },

  describe: ({ name, example }) => ({ name, type: "text", required: true, nullable: true, example }),
};

/** Terms where the request does not say: words one by one, characters up to three in a row. */
export function usualNgrams(units: TermChoice["units"]): [number, number] {
  return units === "words" ? [1, 1] : [1, 3];
}

function encodeText(state: TextState, text: string, into: Matrix, start: number): void {
  const { terms, weights } = state;
  into.fill(0, start, start + terms.length);
  const positions = positionsOf(terms);
  const counts = new Map<number, number>();
  for (const term of termsOf(text, state)) {
    const position = positions.get(term);
    if (position !== undefined) counts.set(position, (counts.get(position) ?? 0) + 1);
  }
  if (weights === undefined) {
    for (const [position, count] of counts) into[start + position] = count;
    return;
  }
  let squares = 0;
  for (const [position, count] of counts) squares += (count * weights[position]) ** 2;
  const length = Math.sqrt(squares);
  for (const [position, count] of counts) into[start + position] = (count * weights[position]) / length;
}
