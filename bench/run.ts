// `npm run bench -- [--json] [--workload W3] [--runs 5] [--peers FOLDER]`: this engine and, where they are installed, numpy
// and PyTorch on the same workloads, alternating on one core, so that the ratios come from one run.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { widenVectors } from "../src/vector-width.ts";

interface Line {
  readonly peer: string;
  readonly workload: string;
  readonly unit: string;
  readonly value: number;
  readonly runs: readonly number[];
  readonly tier?: string;
  readonly clock: string;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    workload: { type: "string", multiple: true },
    runs: { type: "string", default: "5" },
    kernels: { type: "string", default: "auto" },
    peers: { type: "string", default: fileURLToPath(new URL("../../shared/bench/peers", import.meta.url)) },
  },
});

// Before anything compiles WebAssembly.
const wide = widenVectors(values.kernels);
const { resolveTier } = await import("../src/engine/kernels/tiers.ts");
const { WORKLOADS } = await import("./workloads.ts");
const { measure } = await import("./measure.ts");

const tier = resolveTier(values.kernels, {
  wide,
  now: () => performance.now(),
  report: (message) => console.error(message),
});
for (const name of chosenWorkloads(values.workload)) {
  const own = measureOwn(name, Number(values.runs));
  print(own);
  for (const peer of ["numpy", "torch"]) {
    for (const line of runPeer(peer, name)) {
      print(line);
      if (!values.json) console.log(`  deltarule is ${ratio(own, line).toFixed(2)} times as fast as ${line.peer}`);
    }
  }
}

/** Names on the command line stand for all that begin with them: W9 for both of its sizes. */
function chosenWorkloads(names: readonly string[] | undefined): string[] {
  const known = Object.keys(WORKLOADS);
  if (names === undefined) return known;
  const chosen = known.filter((name) => names.some((wanted) => name === wanted || name.startsWith(`${wanted}-`)));
  if (chosen.length === 0) throw new Error(`no workload ${names.join(", ")}; known: ${known.join(", ")}`);
  return chosen;
}

function measureOwn(workload: string, runs: number): Line {
  const figures = measure(WORKLOADS[workload], tier, runs).map((figure) => Number(figure.toPrecision(6)));
  const { unit } = WORKLOADS[workload];
  return { peer: "deltarule", workload, unit, value: median(figures), runs: figures, tier: tier.name, clock: "cpu" };
}

/** The figures of a peer's script for this workload; none where the script or the package is missing. */
function runPeer(peer: string, workload: string): Line[] {
  const script = `${values.peers}/py/${peer}_peer.py`;
  if (!existsSync(script)) return [];
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", THREADS: "1" };
  const python = process.env["PYTHON"] ?? "/usr/bin/python3";
  try {
    const output = execFileSync(python, [script, workload.split("-")[0]], {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const lines = output.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as Line).filter((line) => line.workload === workload);
  } catch {
    if (!values.json) console.log(`  ${peer} is not installed`);
    return [];
  }
}

/** Best against best: what the neighbours took from either counts against neither. */
function ratio(own: Line, peer: Line): number {
  const lessIsBetter = !own.unit.endsWith("/s");
  return lessIsBetter ? Math.min(...peer.runs) / Math.min(...own.runs) : Math.max(...own.runs) / Math.max(...peer.runs);
}

function print(line: Line): void {
  if (values.json) console.log(JSON.stringify(line));
  else console.log(`${line.workload} ${line.peer}: ${line.value} ${line.unit} (${line.runs.join(", ")})`);
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
