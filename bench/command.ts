// `npm run bench -- ingest …` reads data, `npm run bench -- …` trains networks: see bench/ingest.ts and bench/run.ts.
if (process.argv[2] === "ingest") {
  process.argv.splice(2, 1);
  await import("./ingest.ts");
} else {
  await import("./run.ts");
}
