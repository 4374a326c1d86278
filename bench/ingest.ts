// `npm run bench -- ingest [--rows 1000000] [--file data.csv]`: how fast a typed CSV is read on one core, in megabytes per
// second of the whole way (unpack, read, types, statistics, warnings, Parquet) and the most memory that its process took;
// then how fast the table is loaded and its numbers are encoded. Clock: wall, with the start of the process.
// `--images FILE --labels FILE`: the same of a pair of IDX files.
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodeRows, fitFeatures } from "../src/datasets/features/encode.ts";
import type { IngestedDataset } from "../src/datasets/ingest-protocol.ts";
import { ingest } from "../src/datasets/ingest.ts";
import { readTable } from "../src/datasets/read-table.ts";
import { pin } from "./processor.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    file: { type: "string" },
    images: { type: "string" },
    labels: { type: "string" },
    runs: { type: "string", default: "3" },
    cores: { type: "string", default: "1" },
  },
});
pin(values.cores, (message) => console.error(message));

const folder = mkdtempSync(join(tmpdir(), "deltarule-bench-"));
// As in a server, which keeps compiled sources (bin/deltarule.js): the first run compiles, the others do not.
process.env["NODE_COMPILE_CACHE"] ??= join(folder, "compiled");
try {
  const given = [values.images, values.labels].filter((path) => path !== undefined);
  const single = values.file ?? join(folder, "table.csv");
  if (given.length === 0 && values.file === undefined) await writeTable(single, Number(values.rows));
  const paths = given.length > 0 ? given : [single];
  for (let run = 0; run < Number(values.runs); run++) {
    const dataset = await measureIngest(paths);
    if (run + 1 === Number(values.runs)) await measureEncoding(dataset);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureIngest(paths: readonly string[]): Promise<IngestedDataset> {
  const megabytes = paths.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
  const start = performance.now();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, ...peaksOfChildren())), 50);
  const files = paths.map((path) => ({ path, filename: path }));
  const dataset = await ingest({ files, workFolder: folder, limits: { threads: 1 } });
  const seconds = (performance.now() - start) / 1000;
  clearInterval(watch);
  const size = `${dataset.rows} × ${dataset.columns.length}, ${megabytes.toFixed(0)} MB`;
  const rate = (megabytes / seconds).toFixed(1);
  console.log(`ingest  ${size} in ${seconds.toFixed(2)} s: ${rate} MB/s, at most ${peak} MiB of memory`);
  return dataset;
}

/** Resident memory at its highest, in MiB, of each child process; none where /proc does not tell. */
function peaksOfChildren(): number[] {
  try {
    const children = readdirSync("/proc/self/task").flatMap((thread) =>
      readFileSync(`/proc/self/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
    );
    return children.map((id) => {
      const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8")) ?? [];
      return Math.round(Number(kibibytes ?? 0) / 1024);
    });
  } catch {
    return []; // ended meanwhile
  }
}

async function measureEncoding({ parquetPath, columns, rows }: IngestedDataset): Promise<void> {
  const numbers = columns.filter(({ type }) => type === "number" || type === "integer");
  const timed = async <Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> => {
    const start = performance.now();
    const result = await work();
    const seconds = (performance.now() - start) / 1000;
    const rate = Math.round(rows / seconds).toLocaleString("en");
    console.log(`${name}  ${rows} × ${numbers.length} in ${seconds.toFixed(2)} s: ${rate} rows/s`);
    return result;
  };
  if (numbers.length === 0) return;
  const wanted = numbers.map(({ name }) => name);
  const table = await timed("load", () => readTable(parquetPath, columns, new Set(wanted)));
  const specs = numbers.map(({ name, type }) => ({ name, type }));
  const every = Int32Array.from({ length: rows }, (_, row) => row);
  const fitted = await timed("fit", () => fitFeatures(table, specs, every));
  for (let run = 0; run < 3; run++) await timed("encode", () => encodeRows(fitted, table, every, "float32"));
}

/** 16 numbers of four decimals, 2 integers, a category and a label in each row. */
async function writeTable(path: string, rows: number): Promise<void> {
  const names = [...Array.from({ length: 16 }, (_, index) => `n${index}`), "i0", "i1", "c0", "y"];
  const words = ["red", "green", "blue", "white", "black"];
  // The multiples of the golden ratio, without a pattern (Weyl, 1916).
  const noise = (at: number) => (at * 0.6180339887498949) % 1;
  const line = (row: number) => {
    const numbers = Array.from({ length: 16 }, (_, index) => ((noise(row * 16 + index) - 0.5) * 400).toFixed(4));
    const whole = [Math.floor(noise(row * 7 + 3) * 1e6), Math.floor(noise(row * 5 + 1) * 20)];
    return [...numbers, ...whole, words[Math.floor(noise(row * 3) * 5)], Math.floor(noise(row * 11) * 3)].join(",");
  };
  const file = createWriteStream(path);
  file.write(`${names.join(",")}\n`);
  for (let start = 0; start < rows; start += 10_000) {
    const count = Math.min(10_000, rows - start);
    const lines = Array.from({ length: count }, (_, index) => `${line(start + index)}\n`);
    if (!file.write(lines.join(""))) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}
