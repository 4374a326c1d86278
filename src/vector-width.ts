// The switch that lets V8 make 256-bit instructions of pairs of 128-bit ones. It holds for the whole process and all its
// threads, cannot be taken back, and must be set before the first WebAssembly is compiled: hence at the process's start.
import { setFlagsFromString } from "node:v8";

/** Earlier versions know the switch but gain nothing by it. */
const oldestNode = 24;

/** Sets the switch when the kernels may be chosen freely and this machine can use it. Gives true when it is set. */
export function widenVectors(kernels: string): boolean {
  const major = Number.parseInt(process.versions.node, 10);
  if (kernels !== "auto" || process.arch !== "x64" || major < oldestNode) return false;
  setFlagsFromString("--experimental-wasm-revectorize");
  return true;
}
