// Scratch memory in parts, one after another, each from the beginning of a cache line on.
import type { Emission } from "../emission.ts";

const LINE_BYTES = 64;

/** The address of each part. Takes the operation's scratch memory. */
export function scratchParts({ scratch }: Pick<Emission, "scratch">, sizes: readonly number[]): number[] {
  const starts: number[] = [];
  let end = 0;
  for (const bytes of sizes) {
    starts.push(end);
    end += LINE_BYTES * Math.ceil(bytes / LINE_BYTES);
  }
  const base = scratch(end);
  return starts.map((start) => base + start);
}
