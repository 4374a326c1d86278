// The long torture: DELTARULE_TORTURE_KILLS kills (50) at moments that differ from run to run; the seed is printed.
import { expect, test } from "vitest";
import { createGenerator, uniform } from "../../src/engine/random.ts";
import { killRepeatedly } from "./killing.ts";

const kills = Number(process.env["DELTARULE_TORTURE_KILLS"] ?? 50);
const seed = Number(process.env["DELTARULE_TORTURE_SEED"] ?? Date.now());

test(`${kills} kills of the server lose nothing that was acknowledged or shown`, async () => {
  console.log(`DELTARULE_TORTURE_SEED=${seed}`);
  const moments = createGenerator(seed, "shuffle");
  const { jobs, epochs } = await killRepeatedly(kills, () => uniform(moments));
  console.log(`${kills} kills, ${jobs} jobs acknowledged, ${epochs} epochs shown, nothing lost`);
  expect(jobs).toBeGreaterThan(kills / 2);
});
