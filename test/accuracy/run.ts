// npm run accuracy -- <set> [architecture]: uploads the set, trains through the HTTP API with default hyperparameters, and
// prints one line of JSON for each run. Ends with 1 when a bar was missed. ACCURACY_DATA: where the data is, if elsewhere.
import { startTemporaryServer } from "../server.ts";
import { reach } from "./reach.ts";
import { accuracyRuns } from "./runs.ts";

const [set, architecture] = process.argv.slice(2);
const chosen = accuracyRuns.filter(
  (run) => run.set === set && (architecture === undefined || run.architecture.type === architecture),
);
if (chosen.length === 0) {
  const known = accuracyRuns.map((run) => `${run.set} ${run.architecture.type}`);
  console.error(`npm run accuracy -- <set> [architecture]\n\n${known.join("\n")}`);
  process.exit(2);
}

const server = await startTemporaryServer({ kernels: "auto", trainingThreads: 1 });
try {
  for (const run of chosen) {
    const { value, seconds, isReached } = await reach(server, run);
    const { metric, required } = run;
    console.log(JSON.stringify({ set, architecture: run.architecture.type, metric, value, required, seconds }));
    if (!isReached) process.exitCode = 1;
  }
} finally {
  await server.stop();
}
