// A long upload beside which the server must answer: DELTARULE_TORTURE_MEGABYTES of CSV (1000), made while they are sent. Needs
// three times as much space on the disk.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Dataset } from "../../src/contract/dataset.ts";
import { ServerProcess } from "../server.ts";

const megabytes = Number(process.env["DELTARULE_TORTURE_MEGABYTES"] ?? 1000);
const columns = 20;
const rowsPerPiece = 5000;

/** Pieces of numbers that differ from row to row, by the multiples of the golden ratio (Weyl, 1916). */
function* pieces(): Generator<string> {
  yield `${Array.from({ length: columns }, (_, column) => `n${column}`).join(",")}\n`;
  const noise = (at: number) => ((at * 0.6180339887498949) % 1).toFixed(5);
  for (let row = 0, bytes = 0; bytes < megabytes * 1e6; row += rowsPerPiece) {
    const line = (index: number) => Array.from({ length: columns }, (_, column) => noise((row + index) * 31 + column));
    const piece = Array.from({ length: rowsPerPiece }, (_, index) => `${line(index).join(",")}\n`).join("");
    bytes += piece.length;
    yield piece;
  }
}

test(`/livez answers within 50 ms (p99) while ${megabytes} MB are sent, read and stored`, async () => {
  const server = await new ServerProcess({ trainers: 0 }).start();
  onTestFinished(() => server.end());
  const prober = fork(fileURLToPath(new URL("./probe.ts", import.meta.url)), [server.url], { execArgv: [] });
  onTestFinished(() => void prober.kill());
  const body = Readable.toWeb(Readable.from(pieces())) as ReadableStream;
  const headers = { "content-type": "text/csv" };
  const response = await fetch(`${server.url}/v1/datasets?name=large`, {
    method: "POST",
    headers,
    body,
    duplex: "half",
  });
  const { rows, problems } = (await response.json()) as Dataset;
  prober.send("stop");
  const [tookMs] = (await once(prober, "message")) as [number[]];
  tookMs.sort((a, b) => a - b);
  const p99 = tookMs[Math.floor(0.99 * tookMs.length)];
  const [median, worst] = [tookMs[Math.floor(tookMs.length / 2)], tookMs.at(-1)!];
  console.log(
    `${rows} rows, ${tookMs.length} probes: median ${median.toFixed(1)}, p99 ${p99.toFixed(1)}, worst ${worst.toFixed(1)} ms`,
  );
  expect({ status: response.status, problems }).toEqual({ status: 201, problems: [] });
  expect(p99).toBeLessThan(50);
});
