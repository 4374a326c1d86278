// The engines that this one is compared with: scripts in a folder of their own, each of which prints a line of figures per
// workload. They run where they and their packages are installed, in one thread, on the core of this process.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Figures } from "./figures.ts";

interface Peer {
  readonly name: string;
  readonly script: string;
  /** Arguments before the workload. */
  readonly mode?: string;
  /** Where the script would also accept workloads that another peer stands for, or that never end. */
  readonly workloads?: readonly string[];
}

const PEERS: readonly Peer[] = [
  { name: "numpy", script: "py/numpy_peer.py" },
  { name: "torch", script: "py/torch_peer.py" },
  { name: "sklearn", script: "py/sklearn_peer.py" },
  { name: "brain.js", script: "js/brain_peer.js" },
  { name: "tfjs-wasm", script: "js/tfjs_peer.js", mode: "wasm", workloads: ["W1", "W2", "W3", "W4", "W9"] },
  // Without the patches its wasm backend has no gradient of a convolution's filters or of an embedding.
  { name: "tfjs-wasm+patches", script: "js/tfjs_peer.js", mode: "wasm+patches", workloads: ["W5", "W6", "W7"] },
  { name: "tfjs-cpu", script: "js/tfjs_peer.js", mode: "cpu", workloads: ["W1", "W2", "W3", "W9"] },
  // Prints the products of all its sizes at once.
  { name: "products", script: "py/limits.py", workloads: ["gemm"] },
];

/** Runs the script of one peer. Gives a line for each of its variants, none where it does not know the workload. */
export type PeerRun = (workload: string) => Figures[];

/** The peers installed in `folder`, or those of them that `wanted` names; `report` is told why one cannot run. */
export function installedPeers(
  folder: string,
  wanted: readonly string[] | undefined,
  report: (message: string) => void,
): PeerRun[] {
  return PEERS.filter(({ name }) => wanted?.includes(name) ?? true).flatMap((peer) => {
    const path = join(folder, peer.script);
    if (!existsSync(path)) return [];
    let runs = true;
    return (workload: string) => {
      if (!runs) return [];
      const { lines, fault } = runPeer(peer, path, workload);
      if (fault !== undefined) report(`${peer.name} does not run: ${fault}`);
      runs = fault === undefined;
      return lines;
    };
  });
}

function runPeer({ mode, workloads }: Peer, path: string, workload: string): Printed {
  // The scripts know W9, and print a line for each of its sizes.
  const name = workload.split("-")[0];
  if (workloads?.includes(name) === false) return { lines: [] };
  const { lines, fault } = runScript(path, mode === undefined ? [name] : [mode, name]);
  return { lines: lines.filter((line) => line.workload === workload), fault };
}

interface Printed {
  readonly lines: Figures[];
  /** Why the script does not run. */
  readonly fault?: string | undefined;
}

/** What a peer's script prints: a line per workload that it can do. */
export function runScript(path: string, args: readonly string[]): Printed {
  const program = path.endsWith(".py") ? (process.env["PYTHON"] ?? "/usr/bin/python3") : process.execPath;
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", THREADS: "1" };
  const { stdout, stderr, status } = spawnSync(program, [path, ...args], { env, encoding: "utf8" });
  const fault = status === 0 ? undefined : (stderr?.trim().split("\n").at(-1) ?? `no ${program}`);
  const lines = (stdout ?? "").split("\n").filter((line) => line.startsWith("{"));
  // What a peer cannot do is a line too, of another form.
  const figures = lines.map((line) => JSON.parse(line) as Figures | { runs?: undefined });
  return { lines: figures.filter((line): line is Figures => line.runs !== undefined), fault };
}
