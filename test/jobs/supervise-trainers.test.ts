// The supervisor with a trainer that cannot live: it is started again and again, ever slower, and a stop does not hang.
import { writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { JobChanges } from "../../src/jobs/changes.ts";
import { TrainerSupervisor } from "../../src/jobs/supervise-trainers.ts";
import { eventually } from "../server.ts";
import { temporaryStore } from "../store/construction.ts";

test("a trainer that ends at once is started again, is never called ready, and does not hold up a stop", async () => {
  const { store, path } = await temporaryStore();
  const program = `${path}.trainer.js`;
  writeFileSync(program, "process.exit(3);");
  const died: string[] = [];
  const supervisor = new TrainerSupervisor({
    store,
    changes: new JobChanges(),
    count: 1,
    command: { path: program, args: [], env: process.env },
    log: (_level, message, details) => void (message === "a trainer died" && died.push(String(details?.["how"]))),
  });
  onTestFinished(async () => await supervisor.stop());
  await supervisor.start();
  await eventually("three deaths", async () => died.length >= 3);
  expect(died.slice(0, 3)).toEqual(["exit code 3", "exit code 3", "exit code 3"]);
  expect(supervisor.readiness().trainers).toMatchObject([{ state: "restarting" }]);
  const asked = performance.now();
  await supervisor.stop();
  expect(performance.now() - asked).toBeLessThan(2_000);
});
