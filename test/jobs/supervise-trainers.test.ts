// The supervisor with a trainer that cannot live: it is started again and again, ever slower, and a stop does not hang.
import { writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { JobChanges } from "../../src/jobs/changes.ts";
import { TrainerSupervisor } from "../../src/jobs/supervise-trainers.ts";
import { controlJob } from "../../src/jobs/control.ts";
import { newId } from "../../src/store/ids.ts";
import { claimNextJob } from "../../src/store/leases.ts";
import { eventually } from "../server.ts";
import { queueJob, temporaryStore } from "../store/construction.ts";

test("a trainer that cannot even be forked is tried again, ever slower", async () => {
  const { store } = await temporaryStore();
  const died: string[] = [];
  const supervisor = new TrainerSupervisor({
    store,
    changes: new JobChanges(),
    count: 1,
    command: { path: "no such \0 path", args: [], env: {} }, // fork throws at once
    log: (_level, message, details) => void (message === "a trainer died" && died.push(String(details?.["how"]))),
  });
  onTestFinished(async () => await supervisor.stop());
  await supervisor.start();
  await eventually("three failures", async () => died.length >= 3);
  expect(new Set(died)).toEqual(new Set(["it could not be started"]));
  expect(supervisor.readiness().trainers).toMatchObject([{ pid: null, state: "restarting" }]);
});

test("a job cancelled under a server that died is announced as cancelled by the next", async () => {
  const { store } = await temporaryStore();
  const jobId = await queueJob(store);
  await claimNextJob(store, newId("trainer"));
  await controlJob(store, jobId, "cancel");
  const changes = new JobChanges();
  const command = { path: "", args: [], env: {} };
  const supervisor = new TrainerSupervisor({ store, changes, count: 0, command, log: () => {} });
  onTestFinished(async () => await supervisor.stop());
  const before = changes.count;
  await supervisor.start();
  expect(changes.count).toBeGreaterThan(before);
});

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
