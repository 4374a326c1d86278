// Networks of convolutions and of recurrent layers, each from one POST of a list of layers.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../src/contract/job.ts";
import type { PredictResponse } from "../../src/contract/model.ts";
import { submit, waitForEnd } from "../long-job.ts";
import { type RunningServer, startTemporaryServer } from "../server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTemporaryServer({ kernels: "auto" });
});
afterAll(async () => await server.stop());

const sequential = (...layers: object[]) => ({ type: "sequential", layers });

describe("images of one line on noise, 10 × 10, where only its direction tells the class", () => {
  const [SIDE, COUNT] = [10, 240];
  const image = (index: number): number[] => {
    const pixels = Array.from({ length: SIDE * SIDE }, (_, pixel) => (pixel * 73 + index * 151) % 60);
    const [place, upright] = [Math.floor(index / 2) % SIDE, index % 2 === 1];
    for (let i = 0; i < SIDE; i++) pixels[upright ? i * SIDE + place : place * SIDE + i] = 200;
    return pixels;
  };
  const header = (...sizes: number[]) => {
    const bytes = Buffer.alloc(4 + 4 * sizes.length);
    bytes.set([0, 0, 8, sizes.length]);
    sizes.forEach((size, position) => bytes.writeUInt32BE(size, 4 + 4 * position));
    return bytes;
  };
  const indices = Array.from({ length: COUNT }, (_, index) => index);
  let dataset: string;

  beforeAll(async () => {
    const body = new FormData();
    const images = Buffer.concat([header(COUNT, SIDE, SIDE), Buffer.from(indices.flatMap(image))]);
    const labels = Buffer.concat([header(COUNT), Buffer.from(indices.map((index) => index % 2))]);
    body.append("file", new Blob([images]), "lines-images-idx3-ubyte");
    body.append("file", new Blob([labels]), "lines-labels-idx1-ubyte");
    const answer = await fetch(`${server.url}/v1/datasets`, { method: "POST", body });
    dataset = ((await answer.json()) as { id: string }).id;
  });

  const request = (...layers: object[]) => ({
    name: "lines",
    architecture: sequential(...layers),
    dataset: { id: dataset, target: "label" },
    hyperparameters: { epochs: 12, batch_size: 16, optimizer: { type: "adam", learning_rate: 0.01 } },
  });

  test("are told apart by convolutions, batch normalisation and a residual connection; its parameters start another job", async () => {
    const layers = [
      { type: "conv2d", filters: 8, kernel_size: 3, padding: "same", activation: "relu" },
      { type: "max_pool2d" },
      {
        type: "residual",
        layers: [
          { type: "conv2d", filters: 8, kernel_size: 3, padding: "same", use_bias: false },
          { type: "batch_norm" },
        ],
        activation: "relu",
      },
      { type: "global_average_pool" },
      { type: "dense", units: 2 },
    ];
    const job = await waitForEnd(server, (await submit(server, request(...layers))).id);
    expect(job).toMatchObject({ status: "succeeded", error: null });
    expect(job.result!.metrics["test_accuracy"]).toBe(1);

    const instances = [image(1000), image(1001)].map((pixels) =>
      Array.from({ length: SIDE }, (_, row) => pixels.slice(row * SIDE, (row + 1) * SIDE)),
    );
    const { body } = await server.api<PredictResponse>("POST", "/v1/models/lines/predict", { instances });
    expect(body.predictions.map(({ label }) => label)).toEqual([0, 1]);

    const parameters = await server.api("GET", "/v1/models/lines/versions/1/parameters");
    const initial_parameters = parameters.body.data as Record<string, unknown[]>[];
    expect(initial_parameters).toHaveLength(3);
    const again = request(...layers);
    const validated = await server.api("POST", "/v1/jobs/validate", {
      ...again,
      architecture: { ...again.architecture, initial_parameters },
    });
    expect(validated.body).toMatchObject({ object: "job_validation" });
  });

  test("a layer that an image does not fit is named, with what arrived and what it needs", async () => {
    const wrong = request(
      { type: "conv2d", filters: 4, kernel_size: 11 },
      { type: "flatten" },
      { type: "dense", units: 2 },
    );
    const { status, body } = await server.api("POST", "/v1/jobs/validate", wrong);
    expect(status).toBe(422);
    expect(JSON.stringify(body.errors)).toMatch(/layer 0 \(conv2d\), window: expected at least 11 pixels .* got 10/);
  });

  test.each([
    {
      layers: [{ type: "conv2d", filters: 4, kernel_size: 3, groups: 2 }],
      pointer: "#/architecture/layers/0",
      detail:
        "layer 0 (conv2d), groups: expected channels and filters that 2 groups divide, got 1 channels and 4 filters.",
    },
    {
      layers: [{ type: "flatten" }, { type: "spatial_dropout", rate: 0.5 }],
      pointer: "#/architecture/layers/1",
      detail:
        "layer 1 (spatial_dropout), spatial_dropout: expected a sequence [steps,channels] or an image [height,width,channels] for each row, got [100].",
    },
    {
      layers: [{ type: "time_distributed", layer: { type: "conv2d", filters: 4, kernel_size: 3 } }],
      pointer: "#/architecture/layers/0",
      detail:
        "layer 0 (time_distributed), layer 0 (conv2d), image: expected an image [height,width,channels] for each row, got [10,1].",
    },
    {
      layers: [{ type: "flatten" }, { type: "time_distributed", layer: { type: "flatten" } }],
      pointer: "#/architecture/layers/1",
      detail:
        "layer 1 (time_distributed), time_distributed: expected steps with a shape, such as [steps,numbers] or [steps,height,width,channels], for each row, got [100].",
    },
  ])("$layers is refused: $detail", async ({ layers, pointer, detail }) => {
    const wrong = request(...layers, { type: "flatten" }, { type: "dense", units: 2 });
    const { status, body } = await server.api("POST", "/v1/jobs/validate", wrong);
    expect(status).toBe(422);
    expect(body.errors).toEqual([expect.objectContaining({ pointer, detail })]);
  });

  test("are told apart strip by strip, by a convolution of each strip before a recurrent layer", async () => {
    const layers = [
      { type: "reshape", shape: [5, 2, 10, 1] },
      {
        type: "time_distributed",
        layer: { type: "conv2d", filters: 8, kernel_size: [2, 3], padding: "same", activation: "relu" },
      },
      { type: "spatial_dropout", rate: 0.1 },
      { type: "time_distributed", layer: { type: "global_max_pool" } },
      { type: "gru", units: 12, recurrent_dropout: 0.1 },
      { type: "dense", units: 2 },
    ];
    const job = await waitForEnd(server, (await submit(server, { ...request(...layers), name: "strips" })).id);
    expect(job).toMatchObject({ status: "succeeded", error: null });
    expect(job.result!.metrics["test_accuracy"]).toBeGreaterThan(0.9);
  });
});

test("an LSTM continues a wave from its last twelve rows", async () => {
  const rows = Array.from({ length: 160 }, (_, t) => ({ t, level: Math.sin(t / 5) }));
  const job = await submit(server, {
    name: "wave",
    architecture: sequential({ type: "lstm", units: 16 }, { type: "dense", units: 1 }),
    dataset: { rows, target: "level", window: { length: 12, horizon: 1 }, split: { time: "t" } },
    hyperparameters: { epochs: 60, optimizer: { type: "adam", learning_rate: 0.01 } },
  });
  const ended: Job = await waitForEnd(server, job.id);
  expect(ended).toMatchObject({ status: "succeeded", error: null });
  expect(ended.result!.metrics["test_r2"]).toBeGreaterThan(0.95);
});
