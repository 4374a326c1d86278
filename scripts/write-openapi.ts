// Writes openapi/openapi.json from the application's own routes: `npm run openapi`. A test fails when the file is stale.
import { mkdir, writeFile } from "node:fs/promises";
import { readConfig } from "../src/config.ts";
import { buildApp } from "../src/http/app.ts";
import { JobChanges } from "../src/jobs/changes.ts";
import { TrainerSupervisor } from "../src/jobs/supervise-trainers.ts";
import { resolveTier } from "../src/engine/kernels/tiers.ts";
import { Predictor } from "../src/models/predict.ts";
import { openDatabase } from "../src/store/database.ts";

export const documentPath = new URL("../openapi/openapi.json", import.meta.url);

/** The document as text; nothing listens, nothing is stored. */
export async function openApiDocument(): Promise<string> {
  const config = { ...readConfig({}), database: ":memory:", trainers: 0 };
  const store = openDatabase(config.database);
  const changes = new JobChanges();
  const command = { path: "", args: [], env: {} };
  const supervisor = new TrainerSupervisor({ store, changes, count: 0, command, log: () => {} });
  const predictor = new Predictor(store, () => resolveTier("reference"));
  const app = await buildApp({ config, store, changes, supervisor, predictor });
  await app.ready();
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`;
  await app.close();
  await store.destroy();
  return text;
}

if (import.meta.main) {
  await mkdir(new URL(".", documentPath), { recursive: true });
  await writeFile(documentPath, await openApiDocument());
}
