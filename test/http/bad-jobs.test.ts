// Everything that can be wrong with a job: each refused before anything is stored, saying where, what and what to do.
import { afterAll, beforeAll, expect, test } from "vitest";
import { jobTextWithEpochs, jobWith, validJob } from "./job-bodies.ts";
import { wrongNames } from "./job-faults/names.ts";
import { wrongValues } from "./job-faults/values.ts";
import { type Application, expectProblem, startApplication, expectStatus } from "./service.ts";

let service: Application;
beforeAll(async () => {
  service = await startApplication();
});
afterAll(async () => await service.stop());

test.each([...wrongNames, ...wrongValues])("refuses $what", async ({ change, pointer, code, detail, hint }) => {
  const problem = expectProblem(await service.call("POST", "/v1/jobs", { json: jobWith(change) }), 422);
  expect(problem.errors).toMatchObject([{ pointer, code }]);
  const [got] = problem.errors;
  expect(got.detail).toBe(wanted(detail, got.detail));
  expect(got.hint).toBe(wanted(hint, got.hint ?? ""));
  expect(problem.detail).toBe(got.detail);
});

/** The text itself, or the one that was got when it is as the pattern says. */
function wanted(text: string | RegExp, got: string): string {
  return typeof text === "string" ? text : text.test(got) ? got : String(text);
}

test.each(wrongNames)("the dry run refuses $what in the same words", async ({ change }) => {
  const message = { json: jobWith(change), headers: { "x-request-id": "same" } };
  const [dry, real] = [
    await service.call("POST", "/v1/jobs/validate", message),
    await service.call("POST", "/v1/jobs", message),
  ];
  expect(dry.body).toEqual(real.body);
});

const numbers = [
  { value: "NaN", status: 400, says: /unexpected NaN at line 1, column \d+.*/ },
  { value: "Infinity", status: 400, says: /unexpected Infinity/ },
  { value: "-Infinity", status: 400, says: /unexpected -Infinity/ },
  { value: "1e999", status: 422, says: /Expected a finite number, got Infinity/ },
  { value: "-1e999", status: 422, says: /Expected a finite number, got -Infinity/ },
  { value: "9007199254740993", status: 422, says: /^Must be at most 1000000, got/ },
  { value: "1e-999", status: 422, says: /Must be at least 1, got 0/ },
  { value: "-0", status: 422, says: /Must be at least 1, got 0/ },
  { value: "''", status: 400, says: /unexpected '/ },
  { value: '""', status: 422, says: /Expected a finite number, got ""/ },
  { value: "0x10", status: 400, says: /unexpected 0x10/ },
];

test.each(numbers)("refuses $value where a number stands", async ({ value, status, says }) => {
  const body = jobTextWithEpochs(value);
  const headers = { "content-type": "application/json" };
  const problem = expectProblem(await service.call("POST", "/v1/jobs", { body, headers }), status);
  expect(problem.detail).toMatch(says);
  expect(problem.hint ?? problem.errors[0].hint).toMatch(/\w/);
});

test("a cell of 1e999 is refused with its place, not stored as missing", async () => {
  const body = JSON.stringify(validJob()).replace('"a":1', '"a":1e999');
  const problem = expectProblem(await service.call("POST", "/v1/jobs", { body }), 422);
  expect(problem.errors).toEqual([
    {
      pointer: "#/dataset/rows/2/a",
      code: "custom",
      detail: "A cell must be a finite number.",
      hint: "Leave it out, or send null for a missing value.",
    },
  ]);
});

test("five faults are five errors", async () => {
  const json = jobWith((job) => {
    job.architecture.activation = "sigmod";
    job.dataset.task = "clasification";
    job.hyperparameters = { epochs: 0, batch_size: -1, lr: 0.1 };
  });
  const problem = expectProblem(await service.call("POST", "/v1/jobs", { json }), 422);
  expect(problem.detail).toBe("5 things are wrong with this request.");
  expect(problem.errors.map(({ pointer }) => pointer)).toEqual([
    "#/architecture/activation",
    "#/dataset/task",
    "#/hyperparameters/epochs",
    "#/hyperparameters/batch_size",
    "#/hyperparameters/lr",
  ]);
});

test("a network too large for the machine is refused with the figures", async () => {
  const json = jobWith((job) => (job.architecture.hidden = Array(12).fill(65_536)));
  const problem = expectProblem(await service.call("POST", "/v1/jobs", { json }), 422);
  expect(problem.code).toBe("out_of_memory");
  expect(problem.detail).toMatch(
    /needs \d+ MiB \(network \d+, copies of its state \d+, data \d+\), more than the \d+ MiB/,
  );
});

test("a column called constructor is plain data", async () => {
  const json = jobWith((job) =>
    job.dataset.rows.forEach((row: object, i: number) => Object.assign(row, { constructor: i % 2 })),
  );
  const answer = await service.call<{ request: { dataset: { features: { name: string }[] } } }>(
    "POST",
    "/v1/jobs/validate",
    { json },
  );
  expectStatus(answer, 200);
  expect(answer.body.request.dataset.features.map(({ name }) => name)).toContain("constructor");
});

test("nothing of all this was stored, and no work file is left", async () => {
  expect((await service.call("GET", "/v1/jobs")).body).toMatchObject({ data: [] });
  expect((await service.call("GET", "/v1/datasets")).body).toMatchObject({ data: [] });
  expect(await service.workFiles()).toEqual([]);
});
