// BLEU: how many runs of one to four words of a translation stand in its reference. Papineni, Roukos, Ward & Zhu, 2002;
// over a whole corpus, with the tokens (13a) and the smoothing (exp) of sacreBLEU (Post, 2018), whose numbers it gives.
//   BLEU = 100 · BP · (p₁·p₂·p₃·p₄)^¼      p_n = matches / runs of n words, each run at most as often as in a reference
//   BP = min(1, e^{1 − r/c})               c words written, r words of the references closest in length
//   The k-th p_n of no matches becomes 1/(2ᵏ · runs).

const longestRun = 4;

/** @param references one or more for each hypothesis @returns 0 to 100 */
export function bleu(hypotheses: readonly string[], references: readonly (readonly string[])[]): number {
  const [matches, runs] = [new Float64Array(longestRun), new Float64Array(longestRun)];
  let [written, expected] = [0, 0];
  hypotheses.forEach((hypothesis, row) => {
    const words = wordsOf13a(hypothesis);
    const texts = references[row].map(wordsOf13a);
    written += words.length;
    expected += closestLength(
      words.length,
      texts.map(({ length }) => length),
    );
    for (let n = 1; n <= longestRun; n++) {
      const most = texts.map((text) => countRuns(text, n));
      for (const [run, count] of countRuns(words, n)) {
        matches[n - 1] += Math.min(count, Math.max(...most.map((counts) => counts.get(run) ?? 0)));
        runs[n - 1] += count;
      }
    }
  });
  if (matches.every((count) => count === 0) || runs.includes(0)) return 0;
  const brevity = written < expected ? Math.exp(1 - expected / written) : 1;
  const logs = precisions(matches, runs).reduce((sum, precision) => sum + Math.log(precision), 0);
  return 100 * brevity * Math.exp(logs / longestRun);
}

function precisions(matches: Float64Array, runs: Float64Array): number[] {
  let smoothing = 1;
  return Array.from(matches, (count, n) => {
    if (count === 0) smoothing *= 2;
    return (count === 0 ? 1 / smoothing : count) / runs[n];
  });
}

/** Of equally close lengths the shorter one. */
function closestLength(length: number, candidates: readonly number[]): number {
  const distance = (candidate: number): number => Math.abs(candidate - length);
  return candidates.reduce((best, one) => {
    const nearer = distance(one) - distance(best);
    return nearer < 0 || (nearer === 0 && one < best) ? one : best;
  });
}

function countRuns(words: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + n <= words.length; start++) {
    const run = words.slice(start, start + n).join(" ");
    counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  return counts;
}

const entities: readonly (readonly [string, string])[] = [
  ["&quot;", '"'],
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
];

/** The words of a text as mteval-v13a.pl cuts them: marks apart, but for points and commas within numbers. */
export function wordsOf13a(text: string): string[] {
  let line = text.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  for (const [entity, character] of entities) line = line.replaceAll(entity, character);
  return ` ${line} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    .replaceAll(/([^0-9])([.,])/g, "$1 $2 ")
    .replaceAll(/([.,])([^0-9])/g, " $1 $2")
    .replaceAll(/([0-9])(-)/g, "$1 $2 ")
    .split(/\s+/u)
    .filter((word) => word !== "");
}
