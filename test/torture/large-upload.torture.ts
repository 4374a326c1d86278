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
/** Made beforehand and sent in turns: to make numbers takes longer than to send them. */
const differentPieces = 50;

/** Numbers that differ from row to row, by the multiples of the golden ratio (Weyl, 1916). */
function pieceOf(index: number): string {
  const noise = (at: number) => ((at * 0.6180339887498949) % 1).toFixed(5);
  const line = (row: number) => Array.from({ length: columns }, (_, column) => noise(row * 31 + column)).join(",");
  return Array.from({ length: rowsPerPiece }, (_, row) => `${line(index * rowsPerPiece + row)}\n`).join("");
}

function* body(pieces: readonly string[]): Generator<string> {
  yield `${Array.from({ length: columns }, (_, column) => `n${column}`).join(",")}\n`;
  for (let bytes = 0, index = 0; bytes < megabytes * 1e6; index = (index + 1) % pieces.length) {
    bytes += pieces[index].length;
    yield pieces[index];
  }
}

test(`/livez answers within 50 ms (p99) while ${megabytes} MB are sent, read and stored`, async () => {
  const pieces = Array.from({ length: differentPieces }, (_, index) => pieceOf(index));
  const server = await new ServerProcess({ trainers: 0 }).start();
  onTestFinished(() => server.end());
  const prober = fork(fileURLToPath(new URL("./probe.ts", import.meta.url)), [server.url], { execArgv: [] });
  onTestFinished(() => void prober.kill());
  const stream = Readable.toWeb(Readable.from(body(pieces))) as ReadableStream;
  const headers = { "content-type": "text/csv" };
  const response = await fetch(`${server.url}/v1/datasets?name=large`, {
    method: "POST",
    headers,
    body: stream,
    duplex: "half",
  });
  const { rows } = (await response.json()) as Dataset;
  prober.send("stop");
  const [tookMs] = (await once(prober, "message")) as [number[]];
  tookMs.sort((a, b) => a - b);
  const p99 = tookMs[Math.floor(0.99 * tookMs.length)];
  const [median, worst] = [tookMs[Math.floor(tookMs.length / 2)], tookMs.at(-1)!];
  console.log(
    `${rows} rows, ${tookMs.length} probes: median ${median.toFixed(1)}, p99 ${p99.toFixed(1)}, worst ${worst.toFixed(1)} ms`,
  );
  expect(response.status).toBe(201);
  expect(p99).toBeLessThan(50);
});
