// Beam search: of all texts that a decoder may write, the likeliest found by keeping the best few beginnings after each
// token. Lowerre, 1976; for translation Sutskever, Vinyals & Le, 2014. A width of 1 is greedy decoding.
// Ended hypotheses are compared by  score = log p / lengthᵃ,  a the length penalty: 0 prefers short texts, 1 is the mean
// log-probability of a token. All rows that fit go through the decoder together; none changes what another becomes.
import { EngineError } from "../engine-error.ts";
import { requireInteger } from "../requirements.ts";
import type { Elements } from "../tensor.ts";
import type { Decoder } from "./decoding-plan.ts";

export interface SearchOptions {
  /** Hypotheses kept for each row, at most the decoder's capacity. */
  readonly beamWidth: number;
  readonly lengthPenalty: number;
  /** Tokens written at most, the end token among them. */
  readonly maxLength: number;
  readonly start: number;
  readonly end: number;
  /** Tokens that are never written. */
  readonly never: readonly number[];
}

export interface Hypothesis {
  /** Without start and end. */
  readonly tokens: readonly number[];
  /** Σ log p of the tokens, of the end token too where it was reached. */
  readonly logProbability: number;
  readonly score: number;
}

/** The beginnings of one row that are still written, each at the decoder's row `first` + its position, and those ended. */
interface Beam {
  readonly first: number;
  live: Hypothesis[];
  readonly ended: Hypothesis[];
}

interface Continuation {
  /** Position of the beginning in `live`. */
  readonly from: number;
  readonly token: number;
  readonly logProbability: number;
}

/** The best hypothesis of each of `rows` sources (rows,S). */
export function search(decoder: Decoder, sources: Elements, rows: number, options: SearchOptions): Hypothesis[] {
  requireInteger("beam search", "beam width", options.beamWidth, 1);
  const atOnce = Math.floor(decoder.plan.capacity / options.beamWidth);
  if (atOnce === 0) {
    const expected = `a beam width of at most ${decoder.plan.capacity}`;
    throw new EngineError("invalid_parameter", { op: "beam search", expected, got: String(options.beamWidth) });
  }
  const width = decoder.plan.source.rowSize;
  const found: Hypothesis[] = [];
  for (let start = 0; start < rows; start += atOnce) {
    const some = sources.subarray(start * width, Math.min(rows, start + atOnce) * width);
    found.push(...searchTogether(decoder, some, options));
  }
  return found;
}

function searchTogether(decoder: Decoder, sources: Elements, options: SearchOptions): Hypothesis[] {
  const { beamWidth, maxLength, start } = options;
  const width = decoder.plan.source.rowSize;
  const beams = Array.from({ length: sources.length / width }, (_, row): Beam => {
    const source = sources.subarray(row * width, (row + 1) * width);
    for (let k = 0; k < beamWidth; k++) decoder.source.set(source, (row * beamWidth + k) * width);
    return { first: row * beamWidth, live: [{ tokens: [], logProbability: 0, score: 0 }], ended: [] };
  });
  const rows = beams.length * beamWidth;
  decoder.encode(rows);
  decoder.token.fill(start, 0, rows);
  for (let length = 1; length <= maxLength && beams.some(({ live }) => live.length > 0); length++) {
    decoder.step(rows);
    /** Row of the decoder whose state each row goes on from. */
    const origins = Int32Array.from({ length: rows }, (_, row) => row);
    for (const beam of beams) extend(decoder, beam, length, options, origins);
    decoder.state.forEach((state, part) => reorder(state, decoder.plan.state[part].rowSize, origins));
  }
  return beams.map(({ live, ended }) => bestOf(ended.length > 0 ? ended : live));
}

/** Replaces the beginnings of a row by the best of their continuations; once enough have ended, none is left. */
function extend(decoder: Decoder, beam: Beam, length: number, options: SearchOptions, origins: Int32Array): void {
  const { beamWidth, lengthPenalty, end } = options;
  const scale = 1 / length ** lengthPenalty;
  const next: Hypothesis[] = [];
  // Twice the width: should every second one end, there are still enough that go on.
  continuations(decoder, beam, 2 * beamWidth, options).forEach(({ from, token, logProbability }, rank) => {
    const { tokens } = beam.live[from];
    const score = logProbability * scale;
    if (token === end && rank < beamWidth) beam.ended.push({ tokens, logProbability, score });
    if (token === end || next.length === beamWidth) return;
    const row = beam.first + next.length;
    origins[row] = beam.first + from;
    decoder.token[row] = token;
    next.push({ tokens: [...tokens, token], logProbability, score });
  });
  beam.live = beam.ended.length >= beamWidth ? [] : next;
}

/** The likeliest continuations by one token of all beginnings of a row, the best first. */
function continuations(decoder: Decoder, { first, live }: Beam, most: number, options: SearchOptions): Continuation[] {
  const vocabulary = decoder.plan.probabilities.rowSize;
  return live
    .flatMap(({ logProbability }, from) => {
      const p = decoder.probabilities.subarray((first + from) * vocabulary, (first + from + 1) * vocabulary);
      return largest(p, most, options.never).map((token): Continuation => ({
        from,
        token,
        logProbability: logProbability + Math.log(p[token]),
      }));
    })
    .sort((a, b) => b.logProbability - a.logProbability)
    .slice(0, most);
}

/** Positions of the `most` largest numbers, the largest first, the first among equals. */
function largest(p: Elements, most: number, never: readonly number[]): number[] {
  const best: number[] = [];
  let least = -Infinity;
  for (let token = 0; token < p.length; token++) {
    if (best.length === most && !(p[token] > least)) continue;
    if (never.includes(token)) continue;
    let place = best.length;
    while (place > 0 && p[token] > p[best[place - 1]]) place--;
    best.splice(place, 0, token);
    if (best.length > most) best.pop();
    least = p[best[best.length - 1]];
  }
  return best;
}

/** Row i of the state becomes what row `origins[i]` was. */
function reorder(state: Elements, units: number, origins: Int32Array): void {
  if (origins.every((origin, row) => origin === row)) return;
  const before = state.slice(0, origins.length * units);
  origins.forEach((origin, row) => state.set(before.subarray(origin * units, (origin + 1) * units), row * units));
}

function bestOf(hypotheses: readonly Hypothesis[]): Hypothesis {
  return hypotheses.reduce((best, one) => (one.score > best.score ? one : best));
}
