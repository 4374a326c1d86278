// The loss history in other forms: fewer points for drawing, CSV for spreadsheets.
import type { EpochMetrics } from "../contract/metrics.ts";

/**
 * Keeps about `points` of `count` rows: of each stretch of epochs the ones with the least and the greatest training loss,
 * so that a spike stays visible however far the curve is zoomed out; always the first and the last epoch.
 */
export async function downsample(
  pages: AsyncIterable<readonly EpochMetrics[]>,
  count: number,
  points: number,
): Promise<EpochMetrics[]> {
  const stretches = Math.max(1, Math.floor(points / 2) - 1);
  const kept = new Set<EpochMetrics>();
  const extremes: { least: EpochMetrics; greatest: EpochMetrics }[] = [];
  let position = 0;
  let last: EpochMetrics | undefined;
  for await (const page of pages) {
    for (const epoch of page) {
      if (count <= points || position === 0) kept.add(epoch);
      const stretch = Math.min(stretches - 1, Math.floor((position * stretches) / count));
      const present = extremes[stretch];
      if (present === undefined) extremes[stretch] = { least: epoch, greatest: epoch };
      else if (lossOf(epoch) < lossOf(present.least)) present.least = epoch;
      else if (lossOf(epoch) > lossOf(present.greatest)) present.greatest = epoch;
      last = epoch;
      position++;
    }
  }
  // Fewer epochs than stretches leave some of them empty.
  for (const { least, greatest } of extremes.filter((found) => found !== undefined)) kept.add(least).add(greatest);
  if (last !== undefined) kept.add(last);
  return [...kept].sort((a, b) => a.epoch - b.epoch);
}

/** A loss that is not finite is the greatest there is. */
function lossOf({ train_loss }: EpochMetrics): number {
  return train_loss ?? Infinity;
}

/** RFC 4180, one header line; a value that is not there is empty. */
export function toCsv(epochs: readonly EpochMetrics[]): string {
  const columns = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch)))] as (keyof EpochMetrics)[];
  const header = columns.length === 0 ? ["epoch", "train_loss", "validation_loss"] : columns;
  const lines = epochs.map((epoch) => columns.map((column) => epoch[column] ?? "").join(","));
  return [header.join(","), ...lines, ""].join("\r\n");
}
