// The terms of a text: runs of words, or of characters within words. As CountVectorizer of scikit-learn has them: words
// are runs of letters, digits and _, in lower case; characters are counted with a blank before and behind each word.

export interface TermChoice {
  units: "words" | "characters";
  /** from so many units to so many */
  ngrams: readonly [number, number];
}

const wordPattern = /[\p{L}\p{M}\p{N}_]+/gu;

/** The words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(wordPattern) ?? [];
}

/** Every term of a text, in order, each as often as it occurs. */
export function termsOf(text: string, { units, ngrams: [least, most] }: TermChoice): string[] {
  return units === "words" ? wordRuns(wordsOf(text), least, most) : characterRuns(text, least, most);
}

function wordRuns(words: readonly string[], least: number, most: number): string[] {
  const terms: string[] = [];
  for (let length = least; length <= most; length++)
    for (let start = 0; start + length <= words.length; start++)
      terms.push(length === 1 ? words[start] : words.slice(start, start + length).join(" "));
  return terms;
}

/** A word shorter than the run counts once, whole. */
function characterRuns(text: string, least: number, most: number): string[] {
  const terms: string[] = [];
  for (const word of text.toLowerCase().split(/\s+/u)) {
    if (word === "") continue;
    const padded = [" ", ...Array.from(word), " "];
    for (let length = least; length <= most; length++) {
      terms.push(padded.slice(0, length).join(""));
      for (let start = 1; start + length <= padded.length; start++)
        terms.push(padded.slice(start, start + length).join(""));
      if (length >= padded.length) break;
    }
  }
  return terms;
}
