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
  features?: string[];
  hidden: number[];
  hyperparameters: Record<string, unknown>;
  metric: string;
  atLeast: number;
  /** On small sets one split says little: the bar is for the mean over several seeds. */
  seeds: readonly number[];
}

const several = [1, 2, 3, 4, 5];
const one = [42];

const bars: Bar[] = [
  {
    name: "wine",
    files: ["wine/wine.csv"],
    target: "class",
    hidden: [32],
    hyperparameters: { epochs: 40 },
    metric: "validation_accuracy",
    atLeast: 0.95,
    seeds: several,
  },
  {
    name: "breast cancer",
    files: ["breast-cancer-wdbc/wdbc.csv"],
    target: "diagnosis",
    hidden: [32],
    hyperparameters: { epochs: 20 },
    metric: "validation_accuracy",
    atLeast: 0.95,
    seeds: several,
  },
  {
    name: "penguins (mixed, missing)",
    files: ["penguins/penguins.csv"],
    target: "species",
    hidden: [32],
    hyperparameters: { epochs: 40 },
    metric: "validation_accuracy",
    atLeast: 0.97,
    seeds: several,
  },
  {
    name: "titanic (mixed, missing)",
    files: ["titanic/train.csv"],
    target: "Survived",
    hidden: [32],
    hyperparameters: { epochs: 30 },
    metric: "validation_accuracy",
    atLeast: 0.77,
    seeds: several,
  },
  {
    name: "digits 8×8",
    files: ["digits8x8/digits.csv"],
    target: "digit",
    hidden: [64],
    hyperparameters: { epochs: 40 },
    metric: "validation_accuracy",
    atLeast: 0.95,
    seeds: several,
  },
  {
    name: "auto-mpg (regression)",
    files: ["auto-mpg/mpg.csv"],
    target: "mpg",
    hidden: [64],
    hyperparameters: { epochs: 60 },
    metric: "validation_r2",
    atLeast: 0.82,
    seeds: several,
  },
  {
    name: "california housing (regression)",
    files: ["california-housing/housing.csv"],
    target: "median_house_value",
    hidden: [64, 64],
    hyperparameters: { epochs: 40 },
    metric: "validation_r2",
    atLeast: 0.75,
    seeds: one,
  },
  {
    name: "adult (gzip, 32,561 rows)",
    files: ["adult/adult-train.csv.gz"],
    target: "income",
    hidden: [64],
    hyperparameters: { epochs: 10 },
    metric: "test_accuracy",
    atLeast: 0.84,
    seeds: one,
  },
  {
    name: "SMS spam (text)",
    files: ["sms-spam/SMSSpamCollection.tsv"],
    target: "Label",
    hidden: [64],
    hyperparameters: { epochs: 5 },
    metric: "test_accuracy",
    atLeast: 0.97,
    seeds: one,
  },
  {
    name: "TREC questions (text, 6 classes)",
    files: ["trec-questions/trec-train.tsv"],
    target: "label",
    features: ["text"],
    hidden: [64],
    hyperparameters: { epochs: 5 },
    metric: "test_accuracy",
    atLeast: 0.77,
    seeds: one,
  },
  {
    name: "surnames (single words, 18 classes)",
    files: ["surnames/surnames.csv"],
    target: "language",
    hidden: [64],
    hyperparameters: { epochs: 5 },
    metric: "test_accuracy",
    atLeast: 0.81,
    seeds: one,
  },
  {
    name: "languages (text, 17 classes)",
    files: ["language-detection/language-detection.csv"],
    target: "Language",
    hidden: [64],
    hyperparameters: { epochs: 3 },
    metric: "test_accuracy",
    atLeast: 0.93,
    seeds: one,
  },
  {
    name: "bike sharing by the hour (dates, regression)",
    files: ["bike-sharing/hour.csv"],
    target: "cnt",
    features: "dteday season yr mnth hr holiday weekday workingday weathersit temp atemp hum windspeed".split(" "),
    hidden: [64, 64],
    hyperparameters: { epochs: 20 },
    metric: "test_r2",
    atLeast: 0.88,
    seeds: one,
  },
  {
    name: "MNIST, 784-128-10, 5 epochs",
    files: ["mnist/train-images-idx3-ubyte.gz", "mnist/train-labels-idx1-ubyte.gz"],
    target: "label",
    hidden: [128],
    hyperparameters: { epochs: 5 },
    metric: "test_accuracy",
    atLeast: 0.97,
    seeds: one,
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

    test.each(bars)("$name: $metric of at least $atLeast", async (bar) => {
      const files = bar.files.map((file) => new URL(file, data));
      const reached: number[] = [];
      for (const seed of bar.seeds) {
        const job = await trainOnFiles(server, {
          files,
          target: bar.target,
          features: bar.features,
          architecture: { type: "mlp", hidden: bar.hidden },
          hyperparameters: { ...bar.hyperparameters, seed },
        });
        expect(job.status).toBe("succeeded");
        reached.push(job.result!.metrics[bar.metric]!);
        const { body } = await server.api<{ data: { epoch: number }[] }>("GET", job.links.metrics);
        const { epochs } = job.request.hyperparameters;
        expect(body.data.map(({ epoch }) => epoch)).toEqual(Array.from({ length: epochs }, (_, i) => i + 1));
      }
      const mean = reached.reduce((sum, value) => sum + value, 0) / reached.length;
      console.log(
        `${bar.name}: ${bar.metric} ${mean.toFixed(4)} (${reached.map((value) => value.toFixed(3)).join(", ")})`,
      );
      expect(mean).toBeGreaterThanOrEqual(bar.atLeast);
    });
  },
);
