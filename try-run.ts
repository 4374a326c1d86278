const root = "/tmp/wt/accu/test/";
const { startTemporaryServer } = await import(root + "server.ts");
const { accuracyDatasets, dataFolder } = await import(root + "accuracy/datasets.ts");
const { trainOnFiles } = await import(root + "accuracy/train-on-file.ts");
const server = await startTemporaryServer({ kernels: "auto", trainingThreads: 1 });
for (const text of process.argv.slice(2)) {
  const { set, label, ...rest } = JSON.parse(text);
  const { files, ...dataset } = accuracyDatasets[set];
  const t = performance.now();
  try {
    const job = await trainOnFiles(server, { ...dataset, files: files.map((f: string) => new URL(f, dataFolder)), ...rest, hyperparameters: { seed: 42, ...rest.hyperparameters } });
    console.log(text.slice(0, 300), JSON.stringify(job.result?.metrics ?? job.error), ((performance.now() - t) / 1000).toFixed(0) + "s");
  } catch (e) { console.log(text, String(e).slice(0, 600)); }
}
await server.stop();
