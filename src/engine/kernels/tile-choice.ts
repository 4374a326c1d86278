// The fastest of several tiles, measured on one product whose panels stay in L2: the candidates in turns, the best of all
// passes of each, so that what else the machine does delays none of them more than another. Takes up to 50 ms.
import { matrixMultiply } from "../operations/products.ts";
import { fixedTensor, rowTensor } from "../tensor.ts";
import type { Tile } from "./generated/emission.ts";
import { createGeneratedKernels } from "./generated/generated.ts";
import { prepare } from "./self-test.ts";

const [ROWS, DEPTH, COLUMNS] = [96, 256, 64];
const [ROUNDS, PASSES] = [20, 4];
/** A tile displaces the usual one, the first, only where it takes less than this share of its time. */
const CLEARLY_FASTER = 0.8;

/** @param now a monotonic clock in ms; without one the usual tile is taken */
export function fastestTile(tiles: readonly Tile[], fused: boolean, now: (() => number) | undefined): Tile {
  if (now === undefined || tiles.length === 1) return tiles[0];
  const candidates = tiles.map((tile) => {
    const [x, W] = [rowTensor("x", [DEPTH], ROWS), fixedTensor("W", [DEPTH, COLUMNS])];
    const operations = [matrixMultiply(x, W, rowTensor("y", [COLUMNS], ROWS))];
    return {
      tile,
      trial: prepare({ operations, rows: ROWS }, createGeneratedKernels("tile", { fused, tile })),
      time: Infinity,
    };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const candidate of candidates) {
      const { call, step } = candidate.trial;
      for (let pass = 0; pass < PASSES; pass++) {
        const start = now();
        call(step);
        candidate.time = Math.min(candidate.time, now() - start);
      }
    }
  }
  return candidates.reduce((best, other) => (other.time < best.time * CLEARLY_FASTER ? other : best)).tile;
}
