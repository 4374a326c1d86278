// Matrix products on every tier beside each other, and what share of the core's peak that is. Each tier is measured in a
// process of its own, because V8's switches hold for a process; the peak is the best micro-kernel of all tiers.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Figures } from "./figures.ts";

/** As arguments. The second is the separate arithmetic of deterministic jobs where V8 makes wide vectors. */
const TIERS: readonly (readonly string[])[] = [
  ["--kernels", "auto"],
  ["--kernels", "auto", "--deterministic"],
  ["--kernels", "fma"],
  ["--kernels", "simd128"],
  ["--kernels", "reference"],
];

export interface ProductFigures extends Figures {
  readonly peak_percent: number;
}

/** The figures of every product on every tier, in GFLOP/s, and the share that the best run is of the peak. */
export function measureProducts(runs: string): ProductFigures[] {
  const script = fileURLToPath(new URL("run.ts", import.meta.url));
  const lines = TIERS.flatMap((tier) => {
    const args = [script, "--json", "--workload", "gemm", "--runs", runs, "--peers", "none", ...tier];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`measuring ${tier.join(" ")} failed: ${stderr}`);
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Figures);
  });
  const peak = Math.max(...lines.map(best));
  return lines.map((line) => ({ ...line, peak_percent: Math.round((100 * best(line)) / peak) }));
}

/** One row per product, one column per tier: the best GFLOP/s and its share of the peak. */
export function productTable(lines: readonly ProductFigures[]): string {
  const tiers = [...new Set(lines.map(({ tier }) => tier!))];
  const rows = [...Map.groupBy(lines, ({ workload }) => workload)].map(([workload, figures]) => [
    workload,
    ...figures.map((line) => `${best(line).toFixed(1)} (${line.peak_percent} %)`),
  ]);
  const cells = [["GFLOP/s (of the peak)", ...tiers], ...rows];
  return cells
    .map(([first, ...others]) => [first.padEnd(24), ...others.map((cell) => cell.padStart(26))].join(""))
    .join("\n");
}

function best({ runs }: Figures): number {
  return Math.max(...runs);
}
