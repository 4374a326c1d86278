// The loss history: pages, downsampling that keeps spikes, CSV.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { EpochMetrics } from "../../src/contract/metrics.ts";
import { downsample, toCsv } from "../../src/http/metrics-table.ts";
import { appendEpochs } from "../../src/store/metrics.ts";
import { epochRow } from "./epoch-rows.ts";
import { validJob } from "./job-bodies.ts";
import { type Application, expectProblem, startApplication } from "./service.ts";

async function* inPages(rows: EpochMetrics[], size: number): AsyncGenerator<EpochMetrics[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

describe("downsample", () => {
  const losses = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { freq: 10 }), {
    minLength: 1,
    maxLength: 400,
  });

  test("keeps both ends, the least and the greatest loss, in order, and about as many rows as asked", async () => {
    await fc.assert(
      fc.asyncProperty(
        losses,
        fc.integer({ min: 4, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        async (values, points, pageSize) => {
          const rows = values.map((loss, i) => epochRow(i + 1, loss, null));
          const kept = await downsample(inPages(rows, pageSize), rows.length, points);
          expect(kept.length).toBeLessThanOrEqual(Math.max(points, 4));
          expect(kept[0]).toBe(rows[0]);
          expect(kept.at(-1)).toBe(rows.at(-1));
          const epochs = kept.map(({ epoch }) => epoch);
          expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
          const finite = (list: EpochMetrics[]) =>
            list.flatMap(({ train_loss }) => (train_loss === null ? [] : [train_loss]));
          expect(Math.min(...finite(kept))).toBe(Math.min(...finite(rows)));
          // A loss that is no number is a greater spike than any number.
          const greatest = (list: EpochMetrics[]) => Math.max(...list.map(({ train_loss }) => train_loss ?? Infinity));
          expect(greatest(kept)).toBe(greatest(rows));
        },
      ),
    );
  });

  test("leaves a short history as it is", async () => {
    const rows = [epochRow(1, 1, 1), epochRow(2, 0.5, 0.6)];
    expect(await downsample(inPages(rows, 1), rows.length, 4)).toEqual(rows);
  });
});

describe("toCsv", () => {
  test("writes one header and one line per epoch, empty where there is no value (RFC 4180)", () => {
    const rows: EpochMetrics[] = [
      { ...epochRow(1, 0.5, null), train_accuracy: 0.75 },
      { ...epochRow(2, null, null), nonfinite: "nan" },
    ];
    expect(toCsv(rows).split("\r\n")).toEqual([
      "epoch,train_loss,validation_loss,learning_rate,duration_ms,samples_per_second,train_accuracy,nonfinite",
      "1,0.5,,0.01,1.5,1000,0.75,",
      "2,,,0.01,1.5,1000,,nan",
      "",
    ]);
  });

  test("has a header even before the first epoch", () => {
    expect(toCsv([])).toBe("epoch,train_loss,validation_loss\r\n");
  });
});

describe("GET /v1/jobs/{id}/metrics", () => {
  let service: Application;
  let path: string;
  const epochs = 1_000;
  beforeAll(async () => {
    service = await startApplication();
    const job = (await service.call<Job>("POST", "/v1/jobs", { json: validJob() })).body;
    const rows = Array.from({ length: epochs }, (_, i) => epochRow(i + 1, i === 500 ? 99 : 1 / (i + 1), 2 / (i + 1)));
    await appendEpochs(service.store, job.id, rows, Date.now());
    path = job.links.metrics;
  });
  afterAll(async () => await service.stop());

  const get = async (query: string) =>
    (await service.call<{ data: EpochMetrics[]; has_more: boolean }>("GET", `${path}${query}`)).body;

  test("is the whole history, oldest first", async () => {
    const { data, has_more } = await get("");
    expect(data.map(({ epoch }) => epoch)).toEqual(Array.from({ length: epochs }, (_, i) => i + 1));
    expect(has_more).toBe(false);
  });

  test("goes on after the epoch that is named, as many as asked", async () => {
    expect(await get("?after=10&limit=3")).toMatchObject({
      data: [{ epoch: 11 }, { epoch: 12 }, { epoch: 13 }],
      has_more: true,
    });
    expect(await get("?after=998&limit=3")).toMatchObject({ data: [{ epoch: 999 }, { epoch: 1000 }], has_more: false });
    expect(await get("?after=1000")).toMatchObject({ data: [], has_more: false });
  });

  test("thinned out to few points, keeps the spike and both ends", async () => {
    const { data } = await get("?points=20");
    expect(data.length).toBeLessThanOrEqual(20);
    expect(data.map(({ epoch }) => epoch)).toEqual(expect.arrayContaining([1, 501, 1000]));
  });

  test("as CSV has the same rows", async () => {
    const answer = await service.call<string>("GET", `${path}?format=csv&limit=5`);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const lines = answer.body.trim().split("\r\n");
    expect(lines).toHaveLength(6);
    expect(lines[1]).toBe("1,1,2,0.01,1.5,1000");
  });

  test.each(["?limit=0", "?limit=100001", "?after=-1", "?points=3", "?format=xml", "?from=3"])(
    "%s is refused",
    async (query) => {
      const problem = expectProblem(await service.call("GET", `${path}${query}`), 422);
      expect(problem.errors[0].pointer).toBe(query.replace(/=.*/, ""));
      expect(problem.errors[0].hint).toMatch(/\w/);
    },
  );

  test("of a job that nobody has is 404", async () => {
    for (const part of ["metrics", "loss.svg", "events", "checkpoints"]) {
      expect(expectProblem(await service.call("GET", `/v1/jobs/job_1/${part}`), 404).code).toBe("not_found");
    }
  });
});
