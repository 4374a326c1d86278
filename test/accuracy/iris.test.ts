// The small accuracy proof of `npm test`: iris, shipped with the project. `npm run test:accuracy` has the large ones.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startTemporaryServer } from "../server.ts";
import { trainOnFiles } from "./train-on-file.ts";

describe("accuracy on iris, from the CSV file through the HTTP API", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startTemporaryServer();
  });
  afterAll(async () => await server.stop());

  test.each([
    {
      shape: "4-16-3",
      percent: 95,
      architecture: { type: "mlp", hidden: [16] },
      hyperparameters: { epochs: 60, batch_size: 16 },
    },
    {
      shape: "4-8-8-3 tanh",
      percent: 95,
      architecture: { type: "mlp", hidden: [8, 8], activation: "tanh" },
      hyperparameters: { epochs: 60, batch_size: 16 },
    },
    {
      shape: "4-3, the delta rule",
      percent: 90,
      architecture: { type: "mlp", hidden: [] },
      hyperparameters: { epochs: 100, batch_size: 16 },
    },
  ])(
    "a $shape network with seed 42 is right on $percent % of the validation rows or more",
    async ({ architecture, hyperparameters, percent }) => {
      const files = [new URL("../../examples/iris.csv", import.meta.url)];
      const job = await trainOnFiles(server, { files, target: "species", architecture, hyperparameters });
      expect(job.status).toBe("succeeded");
      expect(job.result!.metrics["validation_accuracy"]).toBeGreaterThanOrEqual(percent / 100);
    },
  );
});
