// A short torture with every test run; `npm run test:torture` is the long one.
import { expect, test } from "vitest";
import { createGenerator, uniform } from "../../src/engine/random.ts";
import { killRepeatedly } from "./killing.ts";

test("three kills of the server lose nothing that was acknowledged or shown", { timeout: 120_000 }, async () => {
  const moments = createGenerator(3, "shuffle");
  const { jobs, epochs } = await killRepeatedly(3, () => uniform(moments));
  expect(jobs).toBeGreaterThan(0);
  expect(epochs).toBeGreaterThan(0);
});
