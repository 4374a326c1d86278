// A process that asks /livez again and again, apart from the one that sends: what it measures is the server's time.
import { Agent, get } from "node:http";
import { setTimeout } from "node:timers/promises";

const everyMs = 20;
const url = process.argv[2];
const agent = new Agent({ keepAlive: true });
const stop = new AbortController();
process.once("message", () => stop.abort());

async function probe(): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    get(`${url}/livez`, { agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`/livez answered ${answer.statusCode}`));
      answer.resume().once("end", resolve);
    }).once("error", reject);
  });
  return performance.now() - start;
}

const tookMs: number[] = [];
while (!stop.signal.aborted) {
  tookMs.push(await probe());
  await setTimeout(everyMs);
}
agent.destroy();
process.send!(tookMs, () => process.disconnect());
