// The loss history as a picture: SVG, readable on light and dark pages, with a text for those who do not see it.
import type { EpochMetrics } from "../contract/metrics.ts";

const width = 640;
const height = 360;
const plot = { left: 64, right: 16, top: 44, bottom: 44 };
const plotWidth = width - plot.left - plot.right;
const plotHeight = height - plot.top - plot.bottom;

interface Series {
  label: string;
  color: string;
  dash: string;
  values: { epoch: number; loss: number }[];
}

/** Draws train and validation loss over epochs; the loss axis is logarithmic when it spans more than a factor of 20. */
export function drawLossCurve(title: string, epochs: readonly EpochMetrics[]): string {
  const series: Series[] = [
    { label: "train", color: "#0072b2", dash: "", values: lossesOf(epochs, "train_loss") },
    { label: "validation", color: "#d55e00", dash: "6 4", values: lossesOf(epochs, "validation_loss") },
  ].filter((line) => line.values.length > 0);
  const losses = series.flatMap((line) => line.values.map((point) => point.loss));
  const last = epochs.at(-1)?.epoch ?? 1;
  const scale = chooseScale(losses);
  const x = (epoch: number) => plot.left + (last <= 1 ? plotWidth / 2 : ((epoch - 1) / (last - 1)) * plotWidth);
  const y = (loss: number) => plot.top + (1 - scale.position(loss)) * plotHeight;

  const lines = series.map((line) => {
    const points = line.values.map((point) => `${x(point.epoch).toFixed(1)},${y(point.loss).toFixed(1)}`).join(" ");
    const dot =
      line.values.length === 1
        ? `<circle cx="${points.split(",")[0]}" cy="${points.split(",")[1]}" r="3" fill="${line.color}"/>`
        : "";
    return `<polyline points="${points}" fill="none" stroke="${line.color}" stroke-width="2" stroke-linejoin="round" stroke-dasharray="${line.dash}"/>${dot}`;
  });
  const legend = series.map((line, i) => {
    const left = plot.left + i * 110;
    return `<line x1="${left}" x2="${left + 24}" y1="34" y2="34" stroke="${line.color}" stroke-width="2" stroke-dasharray="${line.dash}"/><text x="${left + 30}" y="38">${line.label}</text>`;
  });
  const broken = epochs.find((epoch) => epoch.nonfinite !== undefined);
  const mark =
    broken === undefined
      ? ""
      : `<line x1="${x(broken.epoch)}" x2="${x(broken.epoch)}" y1="${plot.top}" y2="${height - plot.bottom}" stroke="#c00" stroke-width="2"/><text x="${x(broken.epoch) - 6}" y="${plot.top + 14}" text-anchor="end" fill="#c00">diverged (${broken.nonfinite})</text>`;
  const empty =
    series.length === 0
      ? `<text x="${width / 2}" y="${height / 2}" text-anchor="middle">no epoch finished yet</text>`
      : "";

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(summarize(title, series))}">
<style>svg{background:#fff}text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd}.title{font-size:15px;font-weight:600}@media (prefers-color-scheme:dark){svg{background:#16181d}text{fill:#ddd}.grid{stroke:#3a3d44}}</style>
<text class="title" x="${plot.left}" y="20">${escape(title)}</text>
${legend.join("\n")}
${scale.ticks.map((tick) => `<line class="grid" x1="${plot.left}" x2="${width - plot.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${plot.left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${label(tick)}</text>`).join("\n")}
${epochTicks(last)
  .map((tick) => `<text x="${x(tick).toFixed(1)}" y="${height - plot.bottom + 18}" text-anchor="middle">${tick}</text>`)
  .join("\n")}
<text x="${plot.left + plotWidth / 2}" y="${height - 8}" text-anchor="middle">epoch</text>
<text x="14" y="${plot.top + plotHeight / 2}" text-anchor="middle" transform="rotate(-90 14 ${plot.top + plotHeight / 2})">loss${scale.logarithmic ? " (log)" : ""}</text>
${lines.join("\n")}
${mark}${empty}
</svg>
`;
}

function lossesOf(epochs: readonly EpochMetrics[], key: "train_loss" | "validation_loss"): Series["values"] {
  return epochs.flatMap((epoch) => (epoch[key] === null ? [] : [{ epoch: epoch.epoch, loss: epoch[key] }]));
}

interface Scale {
  logarithmic: boolean;
  ticks: number[];
  /** 0 at the bottom of the plot, 1 at its top. */
  position: (loss: number) => number;
}

/** 10 to the power of less is no normal number any more. */
const leastExponent = -307;

function chooseScale(losses: readonly number[]): Scale {
  const greatest = losses.reduce((a, b) => Math.max(a, b), 0) || 1;
  const least = losses.reduce((a, b) => Math.min(a, b), Infinity);
  if (least > 0 && least < Infinity && greatest / least > 20) {
    const low = Math.max(leastExponent, Math.floor(Math.log10(least)));
    const high = Math.max(Math.ceil(Math.log10(greatest)), low + 1);
    const every = Math.ceil((high - low) / 6);
    const ticks = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => 10 ** (low + i * every));
    return { logarithmic: true, ticks, position: (loss) => Math.max(0, Math.log10(loss) - low) / (high - low) };
  }
  const step = niceStep(greatest / 4);
  const top = Math.ceil(greatest / step) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return { logarithmic: false, ticks, position: (loss) => loss / top };
}

function epochTicks(last: number): number[] {
  const step = Math.max(1, niceStep(last / 6));
  const ticks = [1];
  for (let tick = step; tick <= last; tick += step) if (tick > 1) ticks.push(tick);
  return ticks;
}

/** 1, 2 or 5 times a power of ten, not below `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
}

function label(value: number): string {
  return value === 0 ? "0" : Number(value.toPrecision(3)).toString();
}

function summarize(title: string, series: readonly Series[]): string {
  const parts = series.map(
    (line) => `${line.label} loss ${label(line.values[0].loss)} to ${label(line.values.at(-1)!.loss)}`,
  );
  return parts.length === 0 ? `${title}: no epoch finished yet` : `${title}: ${parts.join(", ")}`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
