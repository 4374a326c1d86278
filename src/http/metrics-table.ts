// The loss history in other forms: fewer points for drawing, CSV for spreadsheets.
import type { EpochMetrics } from "../contract/metrics.ts";

/**
 * Keeps about `points` rows: of each stretch of epochs the ones with the least and the greatest training loss, so that
 * a spike stays visible however far the curve is zoomed out; always the first and the last epoch.
 */
export function downsample(epochs: readonly EpochMetrics[], points: number): EpochMetrics[] {
  if (epochs.length <= points) return [...epochs];
  const stretches = Math.max(1, Math.floor(points / 2) - 1);
  const kept = new Set<EpochMetrics>([epochs[0], epochs.at(-1)!]);
  for (let i = 0; i < stretches; i++) {
    const stretch = epochs.slice(
      Math.floor((i * epochs.length) / stretches),
      Math.floor(((i + 1) * epochs.length) / stretches),
    );
    const loss = (epoch: EpochMetrics) => epoch.train_loss ?? Infinity;
    kept.add(stretch.reduce((a, b) => (loss(b) < loss(a) ? b : a)));
    kept.add(stretch.reduce((a, b) => (loss(b) > loss(a) ? b : a)));
  }
  return epochs.filter((epoch) => kept.has(epoch));
}

/** RFC 4180, one header line; a value that is not there is empty. */
export function toCsv(epochs: readonly EpochMetrics[]): string {
  const columns = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch)))] as (keyof EpochMetrics)[];
  const header = columns.length === 0 ? ["epoch", "train_loss", "validation_loss"] : columns;
  const lines = epochs.map((epoch) => columns.map((column) => epoch[column] ?? "").join(","));
  return [header.join(","), ...lines, ""].join("\r\n");
}
