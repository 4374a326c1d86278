// Which kernels this process computes with: V8's switches, and the tiles that an earlier process measured on this machine.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, homedir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { resolveTier, type Tier, type Tiles } from "./engine/kernels/tiers.ts";
import { version } from "./version.ts";

/** Earlier versions know the switch for wide vectors but gain nothing by it. */
const oldestWideNode = 24;

export type Report = (level: "warn" | "debug", message: string) => void;

/**
 * Sets V8's switches, which hold for all threads of the process and should be set before it compiles any WebAssembly, and
 * takes the fastest tier that `choice` allows. `report` is told what could not be had.
 */
export function chooseKernels(choice: string, report: Report): Tier {
  const wide = setSwitches(choice);
  const options = { wide, now: () => performance.now(), report: (message: string) => report("warn", message) };
  // Without the switch there is only one tile.
  if (!wide) return resolveTier(choice, options);
  const machine = `${cpus()[0]?.model}, Node ${process.version}, V8 ${process.versions.v8}, deltarule ${version}, wide`;
  const known = readTiles(machine, report);
  const tier = resolveTier(choice, { ...options, tiles: known });
  const { tile, separateTile } = tier;
  // The reference has no tiles: where no other kernels pass their self-test, nothing was chosen.
  if (tier.name !== "reference" && JSON.stringify({ tile, separateTile }) !== JSON.stringify(known))
    writeTiles(machine, { tile, separateTile }, report);
  return tier;
}

/** Gives true when V8 may make 256-bit instructions of pairs of 128-bit ones. */
function setSwitches(choice: string): boolean {
  if (choice === "reference") return false;
  // Optimised code from the first call on: that is what the self-test should see, and small networks would never get it.
  setFlagsFromString("--no-liftoff");
  const major = Number.parseInt(process.versions.node, 10);
  if (choice !== "auto" || process.arch !== "x64" || major < oldestWideNode) return false;
  setFlagsFromString("--experimental-wasm-revectorize");
  return true;
}

function cachePath(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "deltarule", "tiles.json");
}

/** The tiles that were measured on a machine just like this one; undefined where none were. */
function readTiles(machine: string, report: Report): Tiles | undefined {
  try {
    const { machine: measuredOn, ...tiles } = JSON.parse(readFileSync(cachePath(), "utf8")) as Tiles & {
      machine: string;
    };
    return measuredOn === machine ? tiles : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      report("debug", `Measured tiles cannot be read: ${String(error)}`);
    return undefined;
  }
}

/** In one step, as several processes may start at once. Where nothing can be written, every start measures. */
function writeTiles(machine: string, tiles: Tiles, report: Report): void {
  try {
    const path = cachePath();
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, JSON.stringify({ machine, ...tiles }));
    renameSync(`${path}.${process.pid}`, path);
  } catch (error) {
    report("debug", `Measured tiles cannot be kept: ${String(error)}`);
  }
}
