// Accuracy on real data through the HTTP API: every run of the table that takes three minutes or less.
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startTemporaryServer } from "../server.ts";
import { dataFolder } from "./datasets.ts";
import { reach } from "./reach.ts";
import { accuracyRuns } from "./runs.ts";

const present = existsSync(dataFolder);
const short = accuracyRuns
  .filter(({ minutes }) => minutes <= 3)
  .map((run) => ({ ...run, type: run.architecture.type }));

describe.skipIf(!present)(`accuracy on real data${present ? "" : " (skipped: ../shared/data is absent)"}`, () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer({ kernels: "auto" });
  });
  afterAll(async () => await server.stop());

  test.each(short)("$set, $type: $metric of $required or better", async (run) => {
    const { value, values, isReached } = await reach(server, run);
    const each = values.map((one) => one.toFixed(3)).join(", ");
    console.log(`${run.set}: ${run.metric} ${value.toFixed(4)} (${each})`);
    expect(isReached, `${value} of ${run.required}`).toBe(true);
  });
});
