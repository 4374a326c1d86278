// `npm run bench -- [--json] [--workload W3] [--runs 5] [--peers FOLDER] [--peer torch] [--rounds 2]`: this engine and the
// peers that are installed on the same workloads and the same core, in turns, so that the ratios come from one run.
// `npm run bench -- --workload W4 --threads 2`: two threads of this engine against one.
// `npm run bench -- --workload gemm`: matrix products on every tier, or with `--kernels` on one.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseKernels } from "../src/kernel-choice.ts";
import { createKernels } from "../src/engine/kernels/tiers.ts";
import { figuresOf, merge, ratio } from "./figures.ts";
import type { Figures } from "./figures.ts";
import { prepare } from "./measure.ts";
import { installedPeers, runScript } from "./peers.ts";
import { pin } from "./processor.ts";
import { measureProducts, productTable } from "./product-table.ts";
import { compareThreads } from "./threads.ts";
import { BARS, chosenWorkloads, WORKLOADS } from "./workloads.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    workload: { type: "string", multiple: true, default: ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9"] },
    /** Of this engine, at least; a peer's script decides on its own. */
    runs: { type: "string", default: "5" },
    /** How often every peer has its turn. */
    rounds: { type: "string", default: "2" },
    /** Default: auto. */
    kernels: { type: "string" },
    deterministic: { type: "boolean", default: false },
    peers: { type: "string", default: fileURLToPath(new URL("../../shared/bench/peers", import.meta.url)) },
    peer: { type: "string", multiple: true },
    /** More than 1: so many threads of this engine are measured against one, and no peers. */
    threads: { type: "string", default: "1" },
    /** As taskset lists them; by default one core, or the first ones for several threads. */
    cores: { type: "string" },
  },
});
const report = (message: string): void => console.error(message);

const threads = Number(values.threads);
pin(values.cores ?? (threads > 1 ? `0-${threads - 1}` : "1"), report);
const everyTier = values.workload.join() === "gemm" && values.kernels === undefined;
const tier = chooseKernels(values.kernels ?? "auto", (level, message) => level === "warn" && report(message));
const kernels = createKernels(tier, "float32", values.deterministic);
const peers = threads > 1 ? [] : installedPeers(values.peers, values.peer, report);

if (everyTier) {
  const lines = measureProducts(values.runs);
  const { lines: others } = runScript(join(values.peers, "py/limits.py"), ["gemm"]);
  for (const line of values.json ? [...lines, ...others] : others) print(line);
  if (!values.json) console.log(productTable(lines));
}
for (const name of everyTier ? [] : chosenWorkloads(values.workload)) {
  if (threads > 1) {
    await compare(name);
    continue;
  }
  const { own, others } = alternate(name);
  print(own);
  for (const line of others) {
    print(line);
    if (!values.json) console.log(`  deltarule is ${ratio(own, line).toFixed(2)} times as fast${bar(line)}`);
  }
}

/** Several threads against one, where the workload trains a network. */
async function compare(workload: string): Promise<void> {
  const definition = WORKLOADS[workload];
  if (definition.kind !== "training") return report(`${workload} trains no network: nothing to share.`);
  const figures = await compareThreads(definition, tier, threads);
  if (values.json) {
    console.log(JSON.stringify({ workload, threads, ...figures, tier: tier.name, clock: "wall" }));
    return;
  }
  const [one, together] = [figures.one, figures.together].map((speed) => speed.toFixed(1));
  const [times, most] = [figures.ratio, figures.bound].map((factor) => factor.toFixed(2));
  console.log(
    `${workload}: ${one} samples/s on one thread, ${together} on ${threads}: ${times} times as fast (computed: at most ${most})`,
  );
}

/** Own runs, a peer's, own runs, the next peer's, …, own runs. */
function alternate(workload: string): { readonly own: Figures; readonly others: readonly Figures[] } {
  const run = prepare(WORKLOADS[workload], kernels);
  const turns = Array.from({ length: peers.length === 0 ? 0 : Number(values.rounds) }, () => peers).flat();
  const runsPerTurn = Math.ceil(Number(values.runs) / (turns.length + 1));
  const runs: number[] = [];
  const ownTurn = (): void => {
    // Not counted: the peer's turn left the caches cold.
    run();
    for (let count = 0; count < runsPerTurn; count++) runs.push(run());
  };
  ownTurn();
  const others: Figures[] = [];
  for (const peer of turns) {
    const lines = peer(workload);
    others.push(...lines);
    if (lines.length > 0) ownTurn();
  }
  while (runs.length < Number(values.runs)) ownTurn();
  const { unit } = WORKLOADS[workload];
  const own = figuresOf({
    peer: "deltarule",
    workload,
    unit,
    runs,
    tier: values.deterministic ? `${tier.name} deterministic` : tier.name,
    clock: "cpu",
  });
  return { own, others: merge(others) };
}

/** What is asked for over this peer, where something is. */
function bar({ peer, workload }: Figures): string {
  const bars = Object.entries(BARS[workload] ?? {});
  const [, factor] = bars.find(([name]) => peer === name || peer.startsWith(`${name}-`)) ?? [];
  return factor === undefined ? "" : `; asked for: ${factor}`;
}

function print(line: Figures): void {
  if (values.json) console.log(JSON.stringify(line));
  else console.log(`${line.workload} ${line.peer}: ${line.value} ${line.unit} (${line.runs.join(", ")})`);
}
