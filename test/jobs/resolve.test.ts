// From the schema alone, before any row is read: layers that do not fit, and the batch size of large data.
import { expect, test } from "vitest";
import { jobRequest } from "../../src/contract/job.ts";
import { DomainError } from "../../src/errors.ts";
import { resolveJob } from "../../src/jobs/resolve.ts";
import { columnSchema } from "../datasets/columns.ts";

const images = [columnSchema("image", "image", 100, { shape: [28, 28, 1] }), columnSchema("label", "integer", 10)];

function resolve(layers: object[], rows = 1_000) {
  const request = { architecture: { type: "sequential", layers }, dataset: { id: "ds_1", target: "label" } };
  return resolveJob(jobRequest.parse(request), { named: { id: "ds_1" }, name: "digits", rows, columns: images });
}

test("a dense layer cannot follow an image: the fault names the layer, both shapes and the way out", () => {
  let error: unknown;
  try {
    resolve([
      { type: "dropout", rate: 0.1 },
      { type: "dense", units: 10 },
    ]);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(DomainError);
  const [fault] = (error as DomainError).faults;
  expect(fault).toMatchObject({ pointer: "/architecture/layers/1", code: "shape_mismatch" });
  expect(fault.detail).toContain("[28,28,1]");
  expect(fault.hint).toContain('{"type":"flatten"}');
});

test("flattened it can, and its parameters are counted", () => {
  const { plan } = resolve([{ type: "flatten" }, { type: "dense", units: 10 }]);
  expect(plan.parameterCount).toBe(784 * 10 + 10);
});

// contract/hyperparameters.ts: 70 % of the rows train; 32 a batch up to 100,000 of them, else 128.
test.each([
  { rows: 142_000, batch: 32 },
  { rows: 200_000, batch: 128 },
])("$rows rows train in batches of $batch", ({ rows, batch }) => {
  const layers = [{ type: "flatten" }, { type: "dense", units: 10 }];
  expect(resolve(layers, rows).request.hyperparameters.batch_size).toBe(batch);
});
