// The labels that a network trained with ctc hears in a sequence, from the probabilities of each step (T,n), class 0 the blank.
// Best path: the likeliest class of each step, without repetitions and blanks. Graves et al., 2006.
// Prefix beam search: the likeliest labels, which many paths may stand for; the best beginnings are kept after each step.
// Of every beginning two sums of paths, those that end in a blank and those that end in its last label: a repetition of
// the label prolongs the second, and is a new label only after the first. Graves, 2012; Hannun et al., 2014.
import { BLANK } from "../operations/transcription.ts";
import { requireInteger } from "../requirements.ts";
import type { Elements } from "../tensor.ts";

export interface TranscriptionOptions {
  /** Beginnings that are kept; 1 takes the best path. */
  readonly beamWidth: number;
  /** Labels found at most. */
  readonly maxLength: number;
  /** Classes that are never found, beside the blank. */
  readonly never: readonly number[];
}

export interface Transcription {
  readonly labels: readonly number[];
  /** ln p, of the best path or of all paths that were found to stand for the labels. */
  readonly logProbability: number;
}

/** @param p probabilities of the classes in each step, (T,classes) */
export function transcribe(p: Elements, classes: number, options: TranscriptionOptions): Transcription {
  requireInteger("transcription", "beam width", options.beamWidth, 1);
  return options.beamWidth === 1 ? bestPath(p, classes, options) : prefixSearch(p, classes, options);
}

function bestPath(p: Elements, classes: number, { maxLength, never }: TranscriptionOptions): Transcription {
  const labels: number[] = [];
  let [before, logProbability] = [BLANK, 0];
  for (let start = 0; start < p.length; start += classes) {
    let best = BLANK;
    for (let k = 1; k < classes; k++) if (p[start + k] > p[start + best] && !never.includes(k)) best = k;
    if (best !== BLANK && best !== before && labels.length < maxLength) labels.push(best);
    logProbability += Math.log(p[start + best]);
    before = best;
  }
  return { labels, logProbability };
}

/** A beginning of the labels, with the probability of its paths, divided by that of the best beginning. */
interface Prefix {
  readonly labels: readonly number[];
  blank: number;
  label: number;
}

function prefixSearch(p: Elements, classes: number, options: TranscriptionOptions): Transcription {
  const { beamWidth, maxLength, never } = options;
  let beam: Prefix[] = [{ labels: [], blank: 1, label: 0 }];
  let logScale = 0;
  for (let start = 0; start < p.length; start += classes) {
    const next = new Map<string, Prefix>();
    const at = (labels: readonly number[]): Prefix => {
      const key = labels.join(" ");
      const known = next.get(key) ?? { labels, blank: 0, label: 0 };
      next.set(key, known);
      return known;
    };
    for (const { labels, blank, label } of beam) {
      const last = labels.at(-1);
      const same = at(labels);
      same.blank += (blank + label) * p[start + BLANK];
      if (last !== undefined) same.label += label * p[start + last];
      if (labels.length === maxLength) continue;
      for (let k = 1; k < classes; k++) {
        const before = k === last ? blank : blank + label;
        if (before > 0 && p[start + k] > 0 && !never.includes(k)) at([...labels, k]).label += before * p[start + k];
      }
    }
    beam = [...next.values()].sort((a, b) => b.blank + b.label - a.blank - a.label).slice(0, beamWidth);
    // Beginnings become ever less likely: their best is 1 again after each step.
    const most = beam[0].blank + beam[0].label;
    logScale += Math.log(most);
    for (const prefix of beam) {
      prefix.blank /= most;
      prefix.label /= most;
    }
  }
  return { labels: beam[0].labels, logProbability: logScale };
}
