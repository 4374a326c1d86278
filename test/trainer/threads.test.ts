// Jobs of two threads: the same bytes however they are interrupted, and no thread outlives or waits for a dead one.
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JobThreads } from "../../src/trainer/job-threads.ts";
import type { TrainingInput } from "../../src/trainer/thread-protocol.ts";
import { epochsOf, jobPausedOnce, outcomeOf, shared, submitLong, waitForEnd, waitForEpoch } from "../long-job.ts";
import { ServerProcess } from "../server.ts";

/** Many more than the test needs to see some of them and interrupt the job. */
const epochs = 240;

describe.skipIf(availableParallelism() < 2)("a job of two threads", () => {
  let server: ServerProcess;
  beforeAll(async () => (server = await new ServerProcess().start()));
  afterAll(async () => await server.end());

  test("ends with the same bytes after a pause and the death of its trainer as undisturbed", async () => {
    const peaceful = await waitForEnd(server, (await submitLong(server, epochs, "peaceful", shared)).id);
    expect(peaceful.request.hyperparameters.threads).toBe(2);
    const { id } = await jobPausedOnce(server, epochs, shared);
    process.kill(await server.trainerPid(), "SIGKILL");
    const ended = await waitForEnd(server, id);
    expect(ended).toMatchObject({ status: "succeeded", attempts: 3 });
    expect(await outcomeOf(server, ended)).toEqual(await outcomeOf(server, peaceful));
    expect(await epochsOf(server, id)).toHaveLength(epochs);
  });

  test("is cancelled in the middle of its steps, and leaves room for the next", async () => {
    const { id } = await submitLong(server, 100_000, "cancelled", shared);
    await waitForEpoch(server, id, 3);
    await server.api("POST", `/v1/jobs/${id}/cancel`);
    expect((await waitForEnd(server, id)).status).toBe("cancelled");
    expect((await waitForEnd(server, (await submitLong(server, 2, "next", shared)).id)).status).toBe("succeeded");
  });
});

describe("the threads of a job", () => {
  test("tell of one that dies while another waits for it, and can be ended", async () => {
    const input = { table: { rows: 0, columns: [] } } as unknown as TrainingInput;
    const leading = new URL("./waiting-leader.ts", import.meta.url);
    let threads: JobThreads | undefined;
    const told = await new Promise<unknown>((resolve) => {
      threads = new JobThreads("job_1", input, { message: resolve, error: resolve, exit: resolve }, leading);
    });
    expect(String(told)).toContain("input_shape");
    await threads!.end();
  });
});
