// Jobs with what a training may have beside its optimizer: early stopping, averaged weights, weighted and smoothed classes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobRequest } from "../../src/contract/job.ts";
import { DomainError } from "../../src/errors.ts";
import { resolveJob } from "../../src/jobs/resolve.ts";
import { columnSchema } from "../datasets/columns.ts";
import { datasetOf, submit, waitForEnd } from "../long-job.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

describe("a job", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer();
  });
  afterAll(async () => await server.stop());

  const run = async (hyperparameters: object) => {
    const job = await submit(server, {
      architecture: { type: "mlp", hidden: [16] },
      dataset: { id: await datasetOf(server), target: "label" },
      hyperparameters: { epochs: 300, ...hyperparameters },
      model: { name: "m" },
    });
    return await waitForEnd(server, job.id);
  };

  test("stops early, says so, and publishes the weights of its best epoch", async () => {
    const job = await run({ early_stopping: { patience: 5 } });
    expect(job).toMatchObject({
      status: "succeeded",
      request: { hyperparameters: { early_stopping: { min_delta: 0 } } },
    });
    const { epoch } = job.progress;
    expect(epoch).toBeLessThan(300);
    expect(job.result!.message).toBe(
      `Stopped after epoch ${epoch}: the validation loss had not fallen for 5 epochs. It was least after epoch ${epoch - 5}, whose weights were kept.`,
    );
    const { body } = await server.api("GET", `${job.links.metrics}?after=${epoch - 6}&limit=1`);
    expect(body.data[0]).toMatchObject({ epoch: epoch - 5, validation_loss: job.result!.metrics["validation_loss"] });
  });

  test("publishes averaged weights, by which it was validated", async () => {
    const job = await run({
      epochs: 20,
      class_weight: "balanced",
      label_smoothing: 0.1,
      weight_average: { decay: 0.9 },
      schedule: { type: "one_cycle" },
    });
    expect(job.status).toBe("succeeded");
    const { body } = await server.api("GET", `${job.links.metrics}?after=19`);
    expect(body.data[0].validation_loss).toBe(job.result!.metrics["validation_loss"]);
  });

  test("tells of gradients, weights and dead units in its metrics, where asked to", async () => {
    const job = await run({ epochs: 2, diagnostics: true });
    const { body } = await server.api("GET", job.links.metrics);
    expect(body.data).toHaveLength(2);
    expect(body.data[1].gradient_norm).toBeGreaterThan(0);
    expect(body.data[1].weight_norm).toBeGreaterThan(1);
    expect(body.data[1].dead_relus).toBeLessThan(0.5);
    const csv = await fetch(`${server.url}${job.links.metrics}?format=csv`);
    expect((await csv.text()).split("\r\n")[0]).toContain("gradient_norm,weight_norm,dead_relus");
  });
});

describe("refused", () => {
  const columns = [
    columnSchema("x", "number", 100),
    columnSchema("kind", "category", 3),
    columnSchema("y", "number", 90),
  ];
  const faultsOf = (target: string, hyperparameters: object, split?: object) => {
    const request = {
      architecture: { type: "mlp" },
      dataset: { id: "ds_1", target, features: ["x"], split },
      hyperparameters,
    };
    try {
      resolveJob(jobRequest.parse(request), { named: { id: "ds_1" }, name: "d", rows: 100, columns }, machine);
    } catch (error) {
      return (error as DomainError).faults.map(({ pointer, code }) => [pointer, code]);
    }
    return [];
  };
  const machine = { processors: 1, jobsAtOnce: 1 };

  test.each([
    ["label smoothing of numbers", "y", { label_smoothing: 0.1 }, "label_smoothing", "loss_does_not_fit"],
    ["class weights of numbers", "y", { class_weight: "balanced" }, "class_weight", "no_classes"],
    ["early stopping without validation", "kind", { early_stopping: {} }, "early_stopping", "no_validation"],
  ])("%s", (_what, target, hyperparameters, name, code) => {
    const split = { validation: 0, test: 0.1 };
    expect(faultsOf(target, hyperparameters, split)).toEqual([[`/hyperparameters/${name}`, code]]);
  });

  test("nothing of this where there are classes and rows to validate on", () => {
    const hyperparameters = { label_smoothing: 0.1, class_weight: { a: 2 }, early_stopping: {}, weight_average: {} };
    expect(faultsOf("kind", hyperparameters)).toEqual([]);
  });
});
