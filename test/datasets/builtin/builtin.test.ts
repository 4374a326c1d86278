// The built-in datasets: what they hold, that they are the same everywhere, and that a job takes them by name.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../../src/contract/dataset.ts";
import type { Job } from "../../../src/contract/job.ts";
import { builtinDatasets, builtinNamed } from "../../../src/datasets/builtin/catalogue.ts";
import { type RunningServer, startTemporaryServer } from "../../server.ts";

const rowsOf = async (name: string) => {
  const [{ bytes }] = await builtinNamed(name)!.files();
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>[];
};

describe("the built-in datasets", () => {
  test("each states a licence and a source", () => {
    for (const { licence, source } of builtinDatasets) expect(licence.length * source.length).toBeGreaterThan(0);
  });

  test.each(builtinDatasets.filter(({ name }) => name !== "mnist"))(
    "$name has $rows rows, each with a $target",
    async (one) => {
      const rows = await rowsOf(one.name);
      expect(rows).toHaveLength(one.rows);
      for (const row of rows) expect(row).toHaveProperty(one.target);
    },
  );

  test("XOR is XOR", async () => {
    expect((await rowsOf("xor")).map(({ a, b, y }) => [a, b, y])).toEqual([
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
    ]);
  });

  test("point i of a spiral arm lies i/100 from the centre, whatever the noise of its angle", async () => {
    const points = await rowsOf("spiral");
    points.forEach(({ x, y }, i) => expect(Math.hypot(Number(x), Number(y))).toBeCloseTo((i % 100) / 100, 5));
  });

  test("spiral and moons are the same points on every machine", async () => {
    expect((await rowsOf("spiral"))[150]).toEqual({ x: -0.14121, y: 0.479646, arm: "green" });
    expect((await rowsOf("moons"))[299]).toEqual({ x: 2.117617, y: 0.53342, moon: "inner" });
  });

  test("mnist has 28×28 images, 0 to 255, and their labels", async () => {
    const [images, labels] = await builtinNamed("mnist")!.files();
    expect(images.bytes).toHaveLength(16 + 10_000 * 784);
    expect(labels.bytes).toHaveLength(8 + 10_000);
    const inked = images.bytes.subarray(16).reduce((most, pixel) => Math.max(most, pixel), 0);
    expect(inked).toBe(255);
    expect(new Set(labels.bytes.subarray(8)).size).toBe(10);
  });
});

describe("over HTTP a built-in dataset", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer();
  });
  afterAll(async () => await server.stop());

  test("is listed with licence, source and target, and not among those that were brought", async () => {
    const { body } = await server.api("GET", "/v1/datasets?builtin=true");
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(builtinDatasets.map(({ name }) => name));
    await server.api("GET", "/v1/datasets/iris");
    expect((await server.api("GET", "/v1/datasets")).body.data).toEqual([]);
  });

  test("is a dataset at its name: schema, statistics and rows", async () => {
    const { body } = await server.api<Dataset>("GET", "/v1/datasets/penguins");
    expect(body).toMatchObject({ name: "penguins", rows: 344, suggested_target: "species" });
    expect(body.schema.columns.map(({ name, type }) => [name, type])).toEqual([
      ["species", "category"],
      ["island", "category"],
      ["bill_length_mm", "number"],
      ["bill_depth_mm", "number"],
      ["flipper_length_mm", "integer"],
      ["body_mass_g", "integer"],
      ["sex", "category"],
    ]);
    const rows = await server.api("GET", "/v1/datasets/penguins/rows?limit=1");
    expect(rows.body.data[0]).toMatchObject({ species: "Adelie", bill_length_mm: 39.1 });
  });

  test("trains by its name alone, and the echoed job names it again", async () => {
    const request = { architecture: { type: "mlp" }, dataset: { builtin: "iris" }, hyperparameters: { epochs: 60 } };
    const posted = await Promise.all([1, 2].map(() => server.api<Job>("POST", "/v1/jobs", request)));
    expect(posted.map(({ status }) => status)).toEqual([202, 202]);
    const { body } = await server.api<Job>("GET", `${posted[0].body.links.self}?wait=60`);
    expect(body).toMatchObject({ status: "succeeded", request: { dataset: { builtin: "iris", target: "species" } } });
    expect(body.result!.metrics["validation_accuracy"]).toBeGreaterThan(0.9);
  });

  test("that there is not is refused with the nearest name", async () => {
    const request = { architecture: { type: "mlp" }, dataset: { builtin: "irsi" } };
    const { status, body } = await server.api("POST", "/v1/jobs", request);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: "#/dataset/builtin", code: "unknown_builtin" }]);
    expect(body.errors[0].hint).toContain('Did you mean "iris"?');
  });
});
