// Numbers that grow beyond all numbers inside a network: the job ends, its evaluation can be read, a prediction is refused.
import { afterAll, beforeAll, expect, test } from "vitest";
import { submit, waitForEnd } from "../long-job.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTemporaryServer();
});
afterAll(async () => await server.stop());

/** Fits float32 as it is; a weight of 1000, after scaling by a spread near 3, lets it no longer. */
const large = 1e38;
const row = (index: number, x: number, split: string) => ({
  x,
  split,
  kind: "abc"[index % 3],
  amount: index % 7,
  tags: index % 2 === 0 ? "red" : "red,blue",
});
const rows = [
  ...Array.from({ length: 40 }, (_, index) => row(index, index % 10, "train")),
  ...Array.from({ length: 12 }, (_, index) => row(index, index % 2 === 0 ? 1 : large, "test")),
];

test.each([
  ["classification", "kind", 3],
  ["regression", "amount", 1],
  ["multi_label", "tags", 2],
])("a %s with rows that overflow is evaluated, and does not predict them", async (task, target, outputs) => {
  const initial_parameters = [
    { weights: [[1000, -1000]], bias: [0, 0] },
    { weights: [Array.from({ length: outputs }, (_, i) => 1 - i), Array.from({ length: outputs }, () => 1)] },
  ].map((layer) => ({ bias: Array.from({ length: outputs }, () => 0), ...layer }));
  const { id } = await submit(server, {
    architecture: { type: "mlp", hidden: [2], activation: "identity", initial_parameters },
    dataset: { rows, target, task, features: ["x"] },
    hyperparameters: { epochs: 1, optimizer: { type: "sgd", learning_rate: 1e-9 } },
    model: { name: task },
  });
  const job = await waitForEnd(server, id);
  expect(job.status).toBe("succeeded");
  const evaluation = await server.api("GET", `/v1/models/${task}/versions/1/evaluation`);
  expect(evaluation.status).toBe(200);
  expect(evaluation.body).toMatchObject({ part: "test", rows: 12, loss: null });
  const instances = [{ x: 1 }, { x: large }];
  const { status, body } = await server.api("POST", `/v1/models/${task}/predict`, { instances });
  expect(status).toBe(422);
  expect(body.errors).toMatchObject([{ pointer: "#/instances/1", code: "non_finite" }]);
});
