// Accuracy on real data through the HTTP API. Bars lie a little below the plain baselines measured on the same files
// (logistic regression and small networks of scikit-learn; the data folder's README has them).
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startTemporaryServer } from "../server.ts";
import { trainOnFiles } from "./train-on-file.ts";

const data = new URL("../../../shared/data/", import.meta.url);

interface Bar {
  name: string;
  files: string[];
  target: string;
  hidden: number[];
  hyperparameters: Record<string, unknown>;
  metric: string;
  atLeast: number;
}

const bars: Bar[] = [
  {
    name: "wine",
    files: ["wine/wine.csv"],
    target: "class",
    hidden: [32],
    hyperparameters: { epochs: 40 },
    metric: "validation_accuracy",
    atLeast: 0.95,
  },
  {
    name: "breast cancer",
    files: ["breast-cancer-wdbc/wdbc.csv"],
    target: "diagnosis",
    hidden: [32],
    hyperparameters: { epochs: 20 },
    metric: "validation_accuracy",
    atLeast: 0.95,
  },
  {
    name: "penguins (mixed, missing)",
    files: ["penguins/penguins.csv"],
    target: "species",
    hidden: [32],
    hyperparameters: { epochs: 40 },
    metric: "validation_accuracy",
    atLeast: 0.97,
  },
  {
    name: "titanic (mixed, missing)",
    files: ["titanic/train.csv"],
    target: "Survived",
    hidden: [32],
    hyperparameters: { epochs: 30 },
    metric: "validation_accuracy",
    atLeast: 0.77,
  },
  {
    name: "digits 8×8",
    files: ["digits8x8/digits.csv"],
    target: "digit",
    hidden: [64],
    hyperparameters: { epochs: 40 },
    metric: "validation_accuracy",
    atLeast: 0.95,
  },
  {
    name: "auto-mpg (regression)",
    files: ["auto-mpg/mpg.csv"],
    target: "mpg",
    hidden: [64],
    hyperparameters: { epochs: 60 },
    metric: "validation_r2",
    atLeast: 0.82,
  },
  {
    name: "california housing (regression)",
    files: ["california-housing/housing.csv"],
    target: "median_house_value",
    hidden: [64, 64],
    hyperparameters: { epochs: 40 },
    metric: "validation_r2",
    atLeast: 0.75,
  },
  {
    name: "adult (gzip, 32,561 rows)",
    files: ["adult/adult-train.csv.gz"],
    target: "income",
    hidden: [64],
    hyperparameters: { epochs: 10 },
    metric: "test_accuracy",
    atLeast: 0.84,
  },
  {
    name: "MNIST, 784-128-10, 5 epochs",
    files: ["mnist/train-images-idx3-ubyte.gz", "mnist/train-labels-idx1-ubyte.gz"],
    target: "label",
    hidden: [128],
    hyperparameters: { epochs: 5 },
    metric: "test_accuracy",
    atLeast: 0.97,
  },
];

describe.skipIf(!existsSync(data))(
  `accuracy on real data${existsSync(data) ? "" : " (skipped: ../shared/data is absent)"}`,
  () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startTemporaryServer({ kernels: "auto" });
    });
    afterAll(async () => await server.stop());

    test.each(bars)(
      "$name: $metric of at least $atLeast",
      async ({ files, target, hidden, hyperparameters, metric, atLeast }) => {
        const urls = files.map((file) => new URL(file, data));
        const job = await trainOnFiles(server, {
          files: urls,
          target,
          architecture: { type: "mlp", hidden },
          hyperparameters,
        });
        console.log(`${job.request.dataset.target as string}: ${JSON.stringify(job.result?.metrics)}`);
        expect(job.status).toBe("succeeded");
        expect(job.result!.metrics[metric]).toBeGreaterThanOrEqual(atLeast);
        const { body } = await server.api<{ data: { epoch: number }[] }>("GET", job.links.metrics);
        expect(body.data.map(({ epoch }) => epoch)).toEqual(
          Array.from({ length: job.request.hyperparameters.epochs }, (_, i) => i + 1),
        );
      },
    );
  },
);
