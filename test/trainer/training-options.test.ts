// Jobs with what a training may have beside its optimizer: early stopping, averaged weights, weighted and smoothed classes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Event } from "../../src/contract/event.ts";
import { type Job, jobRequest } from "../../src/contract/job.ts";
import { DomainError } from "../../src/errors.ts";
import { resolveJob } from "../../src/jobs/resolve.ts";
import { columnSchema } from "../datasets/columns.ts";
import { datasetOf, submit, waitForEnd } from "../long-job.ts";
import { eventually, type RunningServer, startTemporaryServer } from "../server.ts";

describe("a job", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer();
  });
  afterAll(async () => await server.stop());

  const run = async (hyperparameters: object, hidden = [16]) => {
    const job = await submit(server, {
      architecture: { type: "mlp", hidden },
      dataset: { id: await datasetOf(server), target: "label" },
      hyperparameters: { epochs: 300, ...hyperparameters },
      model: { name: "m" },
    });
    return await waitForEnd(server, job.id);
  };

  const eventsOf = async (job: Job) => {
    const events: Event[] = [];
    for (let more = true; more;) {
      const after = events.length === 0 ? "" : `&after=${events.at(-1)!.id}`;
      const { body } = await server.api("GET", `${job.links.events}?limit=1000${after}`);
      events.push(...(body.data as Event[]));
      more = body.has_more;
    }
    return events;
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

  test("trains on mixtures of rows, where asked to", async () => {
    const [mixed, plain] = [await run({ epochs: 3, mixup: {} }), await run({ epochs: 3 })];
    expect(mixed).toMatchObject({ status: "succeeded", request: { hyperparameters: { mixup: { alpha: 0.2 } } } });
    expect(mixed.result!.metrics["train_loss"]).not.toBe(plain.result!.metrics["train_loss"]);
  });

  test("finds its learning rate once, shows it, and says what was measured; the next job finds the same", async () => {
    const asked = { optimizer: { type: "adam", learning_rate: "auto" } };
    const job = await submit(server, {
      architecture: { type: "mlp", hidden: [64, 64] },
      dataset: { id: await datasetOf(server), target: "label" },
      hyperparameters: { epochs: 20_000, batch_size: 8, ...asked },
      model: { name: "m" },
    });
    const now = async () => (await server.api<Job>("GET", job.links.self)).body;
    const rateOf = ({ request }: Job) => request.hyperparameters.optimizer!.learning_rate;
    await eventually("an epoch", async () => (await now()).progress.epoch > 0);
    const found = rateOf(await now());
    expect(found).toBeGreaterThan(1e-5);
    await server.api("POST", `${job.links.self}/pause`);
    await eventually("the pause", async () => (await now()).status === "paused");
    const { epoch } = (await now()).progress;
    await server.api("POST", `${job.links.self}/resume`);
    await eventually("more epochs", async () => (await now()).progress.epoch > epoch);
    expect(rateOf(await now())).toBe(found);
    await server.api("POST", `${job.links.self}/cancel`);

    const measured = (await eventsOf(job)).filter(({ data }) => "range_test" in data);
    expect(measured).toHaveLength(1);
    expect(measured[0]).toMatchObject({ type: "log", data: { level: "info", learning_rate: found } });
    const { rates, losses } = measured[0].data["range_test"] as Record<"rates" | "losses", number[]>;
    expect(rates).toHaveLength(losses.length);

    const other = await run({ epochs: 2, batch_size: 8, ...asked }, [64, 64]);
    const { data } = (await server.api("GET", other.links.metrics)).body;
    expect([rateOf(other), data[0].learning_rate]).toEqual([found, found]);
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
    ["mixup of numbers", "y", { mixup: {} }, "mixup", "no_classes"],
    ["mixup under another loss", "kind", { mixup: {}, loss: "huber" }, "mixup", "loss_does_not_fit"],
    ["mixup beside class weights", "kind", { mixup: {}, class_weight: "balanced" }, "mixup", "row_weights"],
    ["early stopping without validation", "kind", { early_stopping: {} }, "early_stopping", "no_validation"],
  ])("%s", (_what, target, hyperparameters, name, code) => {
    const split = { validation: 0, test: 0.1 };
    expect(faultsOf(target, hyperparameters, split)).toEqual([[`/hyperparameters/${name}`, code]]);
  });

  test("nothing of this where there are classes and rows to validate on", () => {
    const hyperparameters = { label_smoothing: 0.1, class_weight: { a: 2 }, early_stopping: {}, weight_average: {} };
    expect(faultsOf("kind", hyperparameters)).toEqual([]);
    expect(faultsOf("kind", { label_smoothing: 0.1, mixup: {} })).toEqual([]);
  });
});
