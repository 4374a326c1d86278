// `npm run bench:ingest -- [--rows 300000] [--file data.csv]`: how fast a typed CSV is read, on one core, in megabytes per
// second of the whole way: unpack, read, types, statistics, warnings, Parquet. Clock: wall, of the process with its start.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ingest } from "../src/datasets/ingest.ts";
import { pin } from "./processor.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "300000" },
    file: { type: "string" },
    runs: { type: "string", default: "3" },
    cores: { type: "string", default: "1" },
  },
});
pin(values.cores, (message) => console.error(message));

const folder = mkdtempSync(join(tmpdir(), "deltarule-bench-"));
try {
  const path = values.file ?? writeTable(join(folder, "table.csv"), Number(values.rows));
  const megabytes = statSync(path).size / 1e6;
  for (let run = 0; run < Number(values.runs); run++) {
    const start = performance.now();
    const { rows, columns } = await ingest({
      files: [{ path, filename: path }],
      workFolder: folder,
      limits: { threads: 1 },
    });
    const seconds = (performance.now() - start) / 1000;
    const rate = (megabytes / seconds).toFixed(1);
    console.log(
      `ingest  ${rows} × ${columns.length}, ${megabytes.toFixed(0)} MB in ${seconds.toFixed(2)} s: ${rate} MB/s`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** 16 numbers of four decimals, 2 integers, 2 categories and a label in each row. */
function writeTable(path: string, rows: number): string {
  const names = [...Array.from({ length: 16 }, (_, index) => `n${index}`), "i0", "i1", "c0", "c1", "y"];
  const words = ["red", "green", "blue", "white", "black"];
  const lines = [names.join(",")];
  // The multiples of the golden ratio, without a pattern (Weyl, 1916).
  const noise = (at: number) => (at * 0.6180339887498949) % 1;
  for (let row = 0; row < rows; row++) {
    const numbers = Array.from({ length: 16 }, (_, index) => ((noise(row * 16 + index) - 0.5) * 400).toFixed(4));
    const whole = [Math.floor(noise(row * 7 + 3) * 1e6), Math.floor(noise(row * 5 + 1) * 20)];
    const chosen = [words[row % 5], words[Math.floor(noise(row * 3) * 5)], Math.floor(noise(row * 11) * 3)];
    lines.push([...numbers, ...whole, ...chosen].join(","));
  }
  writeFileSync(path, lines.join("\n"));
  return path;
}
