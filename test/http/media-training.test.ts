// From an archive of pictures or sounds to a prediction, with nothing but defaults.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Dataset } from "../../src/contract/dataset.ts";
import type { Evaluation } from "../../src/contract/evaluation.ts";
import type { Job } from "../../src/contract/job.ts";
import type { PredictResponse } from "../../src/contract/model.ts";
import sharp from "sharp";
import { samples, type Tree, wav, zip } from "../datasets/pictures.ts";
import { expectStatus, type Service, startTraining } from "./service.ts";

let service: Service;
beforeAll(async () => {
  service = await startTraining();
});
afterAll(async () => await service.stop());

async function upload(name: string, files: Tree): Promise<Dataset> {
  const body = new FormData();
  body.append("file", new Blob([zip(files)]), `${name}.zip`);
  const answer = await service.call<Dataset>("POST", "/v1/datasets", { body });
  expectStatus(answer, 201);
  return answer.body;
}

async function train(dataset: Dataset, augment: object): Promise<Job> {
  const submitted = await service.call<Job>("POST", "/v1/jobs", {
    json: {
      architecture: { type: "mlp", hidden: [8] },
      dataset: {
        id: dataset.id,
        target: dataset.suggested_target,
        features: [{ name: dataset.schema.columns[0].name, augment }],
      },
      hyperparameters: { epochs: 300, seed: 1 },
      model: { name: dataset.name },
    },
  });
  expectStatus(submitted, 202);
  return (await service.call<Job>("GET", `${submitted.headers.get("location")}?wait=60`)).body;
}

test("pictures in folders of parts and classes train a network that tells them apart", async () => {
  const files: Tree = {};
  for (let i = 0; i < 40; i++) {
    const bright = i % 2 === 1;
    const grey = (bright ? 160 : 20) + i;
    const pixels = sharp({ create: { width: 4, height: 4, channels: 3, background: { r: grey, g: grey, b: grey } } });
    const part = i < 30 ? "train" : "test";
    files[`${part}/${bright ? "bright" : "dark"}/${i}.png`] = await pixels.toColourspace("b-w").png().toBuffer();
  }
  const dataset = await upload("shades", files);
  expect(dataset.schema.columns[0].shape).toEqual([4, 4, 1]);
  const job = await train(dataset, { flip: true, shift: 1, rotate: 20, crop: 0.8 });
  expect(job).toMatchObject({ status: "succeeded", result: { metrics: { test_accuracy: 1 } } });
  const image = (grey: number) => Array.from({ length: 4 }, () => [grey, grey, grey, grey]);
  const answer = await service.call<PredictResponse>("POST", "/v1/models/shades/predict", {
    json: { instances: [{ image: image(30) }, { image: image(220) }] },
  });
  expect(answer.body.predictions.map(({ label }) => label)).toEqual(["dark", "bright"]);
  const { body: evaluation } = await service.call<Evaluation>("GET", "/v1/models/shades/versions/1/evaluation");
  const worst = await fetch(`${service.url}${evaluation.worst_rows[0].links.cells!["image"]}`);
  expect(worst.headers.get("content-type")).toBe("image/png");
});

test("sounds with their labels in the file names train a network that tells them apart", async () => {
  const tone = (hertz: number, i: number) =>
    wav(
      samples(
        ...Array.from(
          { length: 4000 },
          (_, t) => (8000 + 100 * i) * Math.sin((2 * Math.PI * (hertz + 3 * i) * t) / 8000),
        ),
      ),
    );
  const files: Tree = {};
  for (let i = 0; i < 20; i++) {
    files[`low_${i}.wav`] = tone(300, i);
    files[`high_${i}.wav`] = tone(2000, i);
  }
  const dataset = await upload("tones", files);
  expect(dataset.suggested_target).toBe("label");
  const sound = await fetch(`${service.url}${dataset.schema.columns[0].examples[0] as string}`);
  expect(sound.headers.get("content-type")).toBe("audio/wav");
  expect((await sound.arrayBuffer()).byteLength).toBe(44 + 2 * 4000);
  const job = await train(dataset, { shift: 50, gain: 3, noise: 0.1, spec_augment: {} });
  expect(job).toMatchObject({ status: "succeeded", result: { metrics: { validation_accuracy: 1 } } });
});

test("files in the fields train and test become parts, which a job keeps to by itself", async () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `${from + i},${(from + i) % 2 === 0 ? "even" : "odd"}\n`).join("");
  const body = new FormData();
  body.append("train", new Blob([`x,y\n${rows(0, 40)}`]), "a.csv");
  body.append("test", new Blob([`x,y\n${rows(40, 50)}`]), "b.csv");
  const { body: dataset } = await service.call<Dataset>("POST", "/v1/datasets?name=parity", { body });
  const answer = await service.call<{ request: Job["request"]; training_rows: number }>("POST", "/v1/jobs/validate", {
    json: { architecture: { type: "mlp" }, dataset: { id: dataset.id, target: "y" } },
  });
  expectStatus(answer, 200);
  expect(answer.body.request.dataset).toMatchObject({ features: [{ name: "x" }], split: { column: "split" } });
});
