// `deltarule demo`: real data, through the same HTTP calls anybody would make, on a temporary database.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "./config.ts";
import type { Dataset } from "./contract/dataset.ts";
import type { Job } from "./contract/job.ts";
import type { EpochMetrics } from "./contract/metrics.ts";
import type { PredictResponse } from "./contract/model.ts";
import { startServer } from "./serve.ts";

const irisPath = new URL(
  import.meta.url.endsWith(".ts") ? "../examples/iris.csv" : "../../examples/iris.csv",
  import.meta.url,
);
const curveWidth = 60;
const curveHeight = 10;

/** Trains on iris and shows every step. Throws when any of it does not work. */
export async function demo(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "deltarule-demo-"));
  const environment = {
    ...process.env,
    DELTARULE_PORT: "0",
    DELTARULE_DATABASE: join(folder, "demo.db"),
    DELTARULE_LOG_LEVEL: "warn",
  };
  const server = await startServer(readConfig(environment));
  try {
    await walkThrough(server.url);
  } finally {
    await server.stop("the demo is over");
    await rm(folder, { recursive: true, force: true });
  }
}

async function walkThrough(url: string): Promise<void> {
  say(`deltarule runs at ${url} on a temporary database.`);

  const form = new FormData();
  form.set("file", new Blob([await readFile(irisPath)], { type: "text/csv" }), "iris.csv");
  const dataset = await call<Dataset>("POST", `${url}/v1/datasets`, form);
  say(`\n1. Upload: ${dataset.rows} rows of ${dataset.name}, understood as`);
  for (const { name, type } of dataset.schema.columns) say(`     ${name.padEnd(14)}${type}`);
  say(`   The target is most likely ${dataset.suggested_target}.`);

  const request = {
    name: "iris-demo",
    architecture: { type: "mlp", hidden: [16], activation: "relu" },
    dataset: { id: dataset.id, target: "species", split: { validation: 0.2, test: 0.2 } },
    hyperparameters: { epochs: 60, batch_size: 16, optimizer: { type: "adam", learning_rate: 0.01 }, seed: 42 },
    model: { name: "iris" },
  };
  const job = await call<Job>("POST", `${url}/v1/jobs`, request);
  say(`\n2. Train: job ${job.id}, a 4-16-3 multilayer perceptron\n`);
  const epochs = await follow(url, job);
  say(drawCurve(epochs));

  const done = await call<Job>("GET", `${url}/v1/jobs/${job.id}?wait=30`);
  if (done.result === null) throw new Error(`The job ended as ${done.status}: ${done.error?.message}`);
  const { train_accuracy, validation_accuracy, test_accuracy } = done.result.metrics;
  say(
    `\n3. Evaluate: accuracy ${percent(train_accuracy)} on training, ${percent(validation_accuracy)} on validation, ${percent(test_accuracy)} on test rows`,
  );

  const body = { instances: [{ sepal_length: 6.1, sepal_width: 2.8, petal_length: 4.7, petal_width: 1.2 }] };
  const answer = await call<PredictResponse>("POST", `${url}/v1/models/iris/predict`, body);
  say(`\n4. Predict:\n   curl -d '${JSON.stringify(body)}' ${url}/v1/models/iris/predict`);
  say(`   ${JSON.stringify(answer)}`);

  say(`\nThe docs were at ${url}/docs. To keep a server: npm start, then open http://127.0.0.1:8080/docs`);
}

/** Follows the job's live events, drawing a progress bar where there is a terminal. */
async function follow(url: string, job: Job): Promise<EpochMetrics[]> {
  const response = await fetch(`${url}${job.links.events}`, { headers: { accept: "text/event-stream" } });
  const epochs: EpochMetrics[] = [];
  const total = job.progress.epochs;
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const messages = text.split("\n\n");
    text = messages.pop()!;
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      const event = data === undefined ? undefined : (JSON.parse(data) as { type?: string; data: EpochMetrics });
      if (event?.type !== "metric") continue;
      epochs.push(event.data);
      if (process.stdout.isTTY) process.stdout.write(`\r${progressLine(event.data, total)}`);
      else if (event.data.epoch % 10 === 0) say(progressLine(event.data, total));
    }
  }
  if (process.stdout.isTTY) say("");
  return epochs;
}

function progressLine(epoch: EpochMetrics, total: number): string {
  const filled = Math.round((24 * epoch.epoch) / total);
  const bar = `${"█".repeat(filled)}${"░".repeat(24 - filled)}`;
  const loss = `loss ${epoch.train_loss?.toFixed(4)}  validation ${epoch.validation_loss?.toFixed(4)}`;
  return `   ${bar} epoch ${String(epoch.epoch).padStart(3)}/${total}  ${loss}  accuracy ${percent(epoch.validation_accuracy)}`;
}

/** The training loss over the epochs, in characters. */
function drawCurve(epochs: readonly EpochMetrics[]): string {
  const losses = epochs.map((epoch) => epoch.train_loss ?? 0);
  const top = Math.max(...losses);
  const grid = Array.from({ length: curveHeight }, () => Array.from({ length: curveWidth }, () => " "));
  for (let column = 0; column < curveWidth; column++) {
    const loss = losses[Math.floor((column * losses.length) / curveWidth)];
    const row = Math.min(curveHeight - 1, Math.floor((1 - loss / top) * curveHeight));
    grid[row][column] = "•";
  }
  const lines = grid.map(
    (cells, row) =>
      `   ${row === 0 ? top.toFixed(2).padStart(5) : row === curveHeight - 1 ? " 0.00" : "     "} │${cells.join("")}`,
  );
  return [
    "   training loss",
    ...lines,
    `         └${"─".repeat(curveWidth)}`,
    `          1${String(epochs.length).padStart(curveWidth - 1)} epochs`,
  ].join("\n");
}

async function call<Answer>(method: "GET" | "POST", url: string, body?: FormData | object): Promise<Answer> {
  const json = body !== undefined && !(body instanceof FormData);
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }),
    ...(json ? { headers: { "content-type": "application/json" } } : {}),
  });
  const answer = (await response.json()) as Answer & { detail?: string };
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${answer.detail}`);
  return answer;
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;
}

function say(line: string): void {
  console.log(line);
}
