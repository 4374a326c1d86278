// The evaluation of a version over HTTP: its figures are those of the job, its worst rows are rows of the dataset.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Evaluation } from "../../src/contract/evaluation.ts";
import type { Job } from "../../src/contract/job.ts";
import type { ModelVersion, PredictResponse } from "../../src/contract/model.ts";
import { openDatabase } from "../../src/store/database.ts";
import { generatedRows, submit, waitForEnd } from "../long-job.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

const rows = generatedRows(150).map((row) => ({ ...row, size: Number(row["x1"]) * 1000 + 5 }));
let server: RunningServer;
let datasetId: string;

beforeAll(async () => {
  server = await startTemporaryServer();
  datasetId = (await server.api("POST", "/v1/datasets", { name: "rows", rows })).body.id as string;
});
afterAll(async () => await server.stop());

type Of<Task extends Evaluation["task"]> = Extract<Evaluation, { task: Task }>;

async function evaluated<Task extends Evaluation["task"]>(dataset: object, features = ["x0", "x1", "x2"]) {
  const job = await submit(server, {
    architecture: { type: "mlp", hidden: [12] },
    dataset: { id: datasetId, features, ...dataset },
    hyperparameters: { epochs: 5 },
    model: { name: "m" },
  });
  const { result, status } = await waitForEnd(server, job.id);
  expect(status).toBe("succeeded");
  const { version, metrics } = result as NonNullable<Job["result"]>;
  const self = `/v1/models/m/versions/${version}`;
  const { body } = await server.api<ModelVersion>("GET", self);
  expect(body.links.evaluation).toBe(`${self}/evaluation`);
  const evaluation = (await server.api<Of<Task>>("GET", body.links.evaluation)).body;
  return { evaluation, metrics, predict: `${self}/predict`, version };
}

test("of a classification tells on the test rows what the job's result tells, and every row is in the matrix", async () => {
  const { evaluation, metrics } = await evaluated<"classification">({ target: "label", split: { test: 0.3 } });
  expect(evaluation).toMatchObject({
    object: "evaluation",
    model: "m",
    part: "test",
    rows: 45,
    task: "classification",
    loss: metrics["test_loss"],
    classes: ["inner", "outer"],
    metrics: { accuracy: metrics["test_accuracy"], macro_f1: metrics["test_macro_f1"] },
  });
  expect(evaluation.confusion_matrix!.flat().reduce((sum, count) => sum + count)).toBe(45);
  expect(evaluation.calibration.reduce((sum, bin) => sum + bin.rows, 0)).toBe(45);
  expect(evaluation.roc_curves.map(({ label }) => label)).toEqual(["outer"]);
  // With a sigmoid the loss of a row is −ln p of its class, so the log loss is their mean.
  expect(evaluation.metrics["log_loss"]).toBeCloseTo(metrics["test_loss"]!, 6);
  expect(metrics).toHaveProperty("train_macro_f1");
});

test("leads to its worst rows, which predict what it says", async () => {
  const { evaluation, predict } = await evaluated<"classification">({ target: "label" });
  expect(evaluation).toMatchObject({ part: "test", rows: 15 });
  expect(evaluation.worst_rows).toHaveLength(15);
  const [worst] = evaluation.worst_rows;
  const { body } = await server.api("GET", worst.links.row);
  const [{ label, x0, x1, x2 }] = body.data;
  expect(label).toBe(worst.expected);
  const { predictions } = (await server.api<PredictResponse>("POST", predict, { instances: [{ x0, x1, x2 }] })).body;
  expect(predictions[0]).toMatchObject({ label: worst.predicted, probability: worst.probability });
  const losses = evaluation.worst_rows.map(({ loss }) => loss!);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
});

test("of a regression has errors in units of the target, on validation rows where there are no test rows", async () => {
  const dataset = { target: "size", split: { validation: 0.2, test: 0 } };
  const { evaluation, metrics, predict } = await evaluated<"regression">(dataset);
  expect(evaluation).toMatchObject({ part: "validation", rows: 30, task: "regression" });
  expect(evaluation.metrics["mae"]).toBeCloseTo(metrics["validation_mae"]!, 3);
  expect(evaluation.metrics["rmse"]).toBeCloseTo(metrics["validation_rmse"]!, 9);
  const [worst] = evaluation.worst_rows;
  const { body } = await server.api("GET", worst.links.row);
  const [{ size, x0, x1, x2 }] = body.data;
  expect(worst.expected["size"]).toBeCloseTo(size, 3);
  const { predictions } = (await server.api<PredictResponse>("POST", predict, { instances: [{ x0, x1, x2 }] })).body;
  expect(worst.predicted["size"]).toBe(predictions[0].value);
});

test("of windows names the row that is predicted first, and of training rows says so", async () => {
  const series = { target: "size", split: { validation: 0, test: 0 }, window: { length: 3, horizon: 2 } };
  const { evaluation } = await evaluated<"regression">(series, ["size"]);
  expect(evaluation).toMatchObject({ part: "train", rows: 146 });
  expect(evaluation.per_target.map(({ name }) => name)).toEqual(["size+1", "size+2"]);
  const [{ row, expected }] = evaluation.worst_rows;
  expect(expected["size+1"]).toBeCloseTo(rows[row - 1].size, 3);
});

test("is not found where a version has none, and goes with its version", async () => {
  const { version } = await evaluated<"classification">({ target: "label" });
  const path = `/v1/models/m/versions/${version}/evaluation`;
  const store = openDatabase(server.config.database);
  await store.deleteFrom("evaluation").where("version", "=", version).execute();
  expect((await server.api("GET", path)).body).toMatchObject({ status: 404, code: "not_found" });
  expect((await server.api("DELETE", "/v1/models/m")).status).toBe(204);
  expect(await store.selectFrom("evaluation").selectAll().execute()).toEqual([]);
  await store.destroy();
});
