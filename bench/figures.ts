// The figures of one engine on one workload: a line of JSON as the peers print it, and how two of them compare.

export interface Figures {
  readonly peer: string;
  readonly workload: string;
  readonly unit: string;
  /** The median of the runs. */
  readonly value: number;
  readonly runs: readonly number[];
  readonly tier?: string;
  /** cpu: seconds of the processor's time; wall: of the clock on the wall. */
  readonly clock: string;
}

/** Six digits are more than the machine's noise leaves true. */
const rounded = (figure: number): number => Number(figure.toPrecision(6));

export function figuresOf(source: Omit<Figures, "value">): Figures {
  const runs = source.runs.map(rounded);
  const { peer, workload, unit, tier, clock } = source;
  return { peer, workload, unit, value: rounded(median(runs)), runs, ...(tier === undefined ? {} : { tier }), clock };
}

/** All runs of each peer in one line, in the order in which the peers first came. */
export function merge(lines: readonly Figures[]): Figures[] {
  const peers = Map.groupBy(lines, ({ peer }) => peer);
  return [...peers.values()].map((same) => figuresOf({ ...same[0], runs: same.flatMap(({ runs }) => runs) }));
}

/** How many times as fast `own` is. Best against best: what the neighbours took from either counts against neither. */
export function ratio(own: Figures, peer: Figures): number {
  return own.unit.endsWith("/s")
    ? Math.max(...own.runs) / Math.max(...peer.runs)
    : Math.min(...peer.runs) / Math.min(...own.runs);
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
