// From the schema alone, before any row is read: layers that do not fit, and the batch size of large data.
import { describe, expect, test } from "vitest";
import { jobRequest } from "../../src/contract/job.ts";
import { DomainError } from "../../src/errors.ts";
import { resolveJob } from "../../src/jobs/resolve.ts";
import { columnSchema, faultsOf } from "../datasets/columns.ts";

const images = [columnSchema("image", "image", 100, { shape: [28, 28, 1] }), columnSchema("label", "integer", 10)];

const machine = { processors: 2, jobsAtOnce: 2 };

function resolve(layers: object[], rows = 1_000, hyperparameters = {}, on = machine) {
  const dataset = { id: "ds_1", target: "label" };
  const request = { architecture: { type: "sequential", layers }, dataset, hyperparameters };
  const facts = { named: { id: "ds_1" }, name: "digits", rows, columns: images };
  return resolveJob(jobRequest.parse(request), facts, on);
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

describe("an embedding of", () => {
  const layers = [{ type: "embedding", vocabulary: 10, units: 4 }, { type: "flatten" }, { type: "dense", units: 2 }];
  const label = columnSchema("label", "category", 2);
  const numbers = (type: "integer" | "number", max: number) =>
    columnSchema("x", type, max + 1, { statistics: { missing: 0, distinct: max + 1, min: 0, max } });
  const embeddingFaults = (column: ReturnType<typeof numbers>, features: object[]) => {
    const request = {
      architecture: { type: "sequential", layers },
      dataset: { id: "ds_1", target: "label", features },
    };
    const facts = { named: { id: "ds_1" }, name: "t", rows: 1000, columns: [column, label] };
    try {
      resolveJob(jobRequest.parse(request), facts, machine);
      return [];
    } catch (error) {
      return [...(error as DomainError).faults];
    }
  };
  const unscaled = [{ name: "x", scale: "none" }];

  test.each([
    ["scaled numbers", numbers("integer", 9), [{ name: "x" }], "/architecture/layers/0", /"scale": "none"/],
    ["measured numbers", numbers("number", 9), unscaled, "/architecture/layers/0", /"encoding": "word_ids"/],
    ["numbers beyond its rows", numbers("integer", 10), unscaled, "/architecture/layers/0/vocabulary", /to 11/],
  ])("%s is refused with what would fit", (_what, column, features, pointer, hint) => {
    expect(embeddingFaults(column, features)).toMatchObject([{ pointer, hint: expect.stringMatching(hint) as string }]);
  });

  test("numbers of its rows is planned", () => expect(embeddingFaults(numbers("integer", 9), unscaled)).toEqual([]));
});

test("pixels are standardised unless the request says otherwise", () => {
  const { request } = resolve([{ type: "flatten" }, { type: "dense", units: 10 }]);
  expect(request.dataset.features).toMatchObject([{ name: "image", scale: "standard" }]);
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

describe("the threads of a job", () => {
  const large = [{ type: "flatten" }, { type: "dense", units: 2000 }, { type: "dense", units: 2000 }];
  const threadsOf = (layers: object[], threads: number | "auto", processors: number, jobsAtOnce: number) => {
    const { request, warnings } = resolve(
      [...layers, { type: "dense", units: 10 }],
      1_000,
      { threads },
      { processors, jobsAtOnce },
    );
    return {
      threads: request.hyperparameters.threads,
      warned: warnings.map(({ pointer }) => pointer).includes("/hyperparameters/threads"),
    };
  };

  test.each([
    {
      what: "one for each processor that other jobs leave idle",
      layers: large,
      processors: 8,
      jobsAtOnce: 2,
      threads: 4,
    },
    {
      what: "one where jobs side by side keep all processors busy",
      layers: large,
      processors: 8,
      jobsAtOnce: 8,
      threads: 1,
    },
    { what: "one where a step is too short", layers: [{ type: "flatten" }], processors: 8, jobsAtOnce: 1, threads: 1 },
    { what: "no more than there are groups of four rows", layers: large, processors: 64, jobsAtOnce: 1, threads: 8 },
  ])("are, by default, $what", ({ layers, processors, jobsAtOnce, threads }) => {
    expect(threadsOf(layers, "auto", processors, jobsAtOnce)).toEqual({ threads, warned: false });
  });

  test.each([
    { asked: 2, threads: 2, warned: false },
    { asked: 5, threads: 4, warned: true },
  ])("are $threads of 4 processors when $asked are asked for, however short a step", ({ asked, threads, warned }) => {
    expect(threadsOf([{ type: "flatten" }], asked, 4, 4)).toEqual({ threads, warned });
  });

  test("need memory each", () => {
    const layers = [...large, { type: "dense", units: 10 }];
    const [one, two] = [1, 2].map((threads) => resolve(layers, 1_000, { threads }).memory.network);
    // The gradients at least: as many again as there are parameters.
    expect(two - one).toBeGreaterThan(4 * (784 * 2000 + 2000 * 2000));
  });
});

describe("before any row is read,", () => {
  const label = columnSchema("label", "category", 3, {
    statistics: {
      missing: 0,
      distinct: 3,
      most_frequent: ["red", "green", "a/b"].map((value) => ({ value, count: 100, share: 1 / 3 })),
    },
  });
  const refused = (columns: ReturnType<typeof columnSchema>[], architecture: object, hyperparameters = {}) => {
    const request = { architecture, dataset: { id: "ds_1", target: "label" }, hyperparameters };
    return faultsOf(() =>
      resolveJob(jobRequest.parse(request), { named: { id: "ds_1" }, name: "t", rows: 300, columns }, machine),
    );
  };
  const numbers = columnSchema("x", "number");

  test("a weight of a class that the target does not have is refused", () => {
    const class_weight = { red: 2, "a/b": 1, "c/d": 1, gren: 3 };
    expect(refused([numbers, label], { type: "mlp" }, { class_weight })).toMatchObject([
      { pointer: "/hyperparameters/class_weight/c~1d", code: "unknown_class" },
      {
        pointer: "/hyperparameters/class_weight/gren",
        code: "unknown_class",
        hint: expect.stringContaining('"green"'),
      },
    ]);
  });

  test("the loss of one threshold unit is refused for more than two classes", () => {
    expect(refused([numbers, label], { type: "mlp" }, { loss: "perceptron" })).toMatchObject([
      { pointer: "/hyperparameters/loss", code: "loss_does_not_fit" },
    ]);
  });

  test("an image too small for a named architecture is a fault of it, not of a layer that the request does not have", () => {
    const small = columnSchema("image", "image", 300, { shape: [16, 16, 1] });
    expect(refused([small, label], { type: "alexnet", stem: "large" })).toMatchObject([
      { pointer: "/architecture", code: "shape_mismatch" },
    ]);
  });
});

test("what no kernel can address is counted without asking the kernels, which would take minutes", () => {
  const layers = Array.from({ length: 4 }, () => ({
    type: "conv2d",
    filters: 65_536,
    kernel_size: 3,
    padding: "same",
  }));
  const before = process.cpuUsage();
  const { memory } = resolve([...layers, { type: "flatten" }, { type: "dense", units: 10 }]);
  expect(memory.network).toBeGreaterThan(memory.mostNetwork);
  expect(process.cpuUsage(before).user).toBeLessThan(2e6);
});
