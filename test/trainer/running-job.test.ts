// One attempt whose preparation fails: what is the job's fault ends the job, what may pass only ends the attempt.
import { sql } from "kysely";
import { expect, test } from "vitest";
import { resolveTier } from "../../src/engine/kernels/tiers.ts";
import { getJobRow } from "../../src/store/jobs.ts";
import { claimNextJob } from "../../src/store/leases.ts";
import type { Store } from "../../src/store/database.ts";
import { RunningJob } from "../../src/trainer/running-job.ts";
import { queueJob, temporaryStore } from "../store/construction.ts";

/** Runs a job of nothing but a claim to its end here, after `harm` was done to what it needs. */
async function attempt(harm: (store: Store) => Promise<unknown>, workFolder?: (database: string) => string) {
  const { store, path } = await temporaryStore();
  const id = await queueJob(store);
  const request = { dataset: { target: "x" }, model: { name: "model" } };
  await store
    .updateTable("job")
    .set({ request: JSON.stringify(request) })
    .execute();
  const logged: { level: string; details: Record<string, unknown> | undefined }[] = [];
  await harm(store);
  const job = new RunningJob(
    {
      store,
      workFolder: workFolder?.(path) ?? `${path}.cache`,
      kernels: resolveTier("reference"),
      announce: () => {},
      log: (level, _message, details) => void logged.push({ level, details }),
    },
    (await claimNextJob(store, "trainer_1"))!,
  );
  await job.start();
  await job.ended;
  return { row: await getJobRow(store, id), token: job.attemptToken, logged };
}

test.each<[string, Parameters<typeof attempt>]>([
  ["the database fails", [(store) => sql`alter table dataset rename to elsewhere`.execute(store)]],
  ["the disk fails", [async () => {}, (database) => `${database}/no-folder`]],
])("when %s, the job is left to its lease and another attempt", async (_what, how) => {
  const { row, token, logged } = await attempt(...how);
  expect(row).toMatchObject({ status: "running", attempt_token: token, error: null });
  expect(logged).toMatchObject([{ level: "error" }]);
});

test("when the stored table is missing, the job fails and says so", async () => {
  const { row } = await attempt((store) => store.updateTable("blob").set({ complete: 0 }).execute());
  expect(row.status).toBe("failed");
  expect(JSON.parse(row.error!).message).toMatch(/missing or damaged/);
});

test("a defect fails the job, and the log says where it is", async () => {
  const { row, logged } = await attempt((store) => store.updateTable("job").set({ request: "{" }).execute());
  expect(row.status).toBe("failed");
  expect(logged).toMatchObject([{ level: "error", details: { stack: expect.stringContaining("running-job") } }]);
});
