// A worker thread that asks /livez again and again, apart from the thread that sends: what it measures is the server's time.
import { Agent, get } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const everyMs = 20;
const agent = new Agent({ keepAlive: true });
const tookMs: number[] = [];
let stopped = false;
parentPort!.once("message", () => (stopped = true));

async function probe(): Promise<number> {
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    get(`${workerData as string}/livez`, { agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`/livez answered ${answer.statusCode}`));
      answer.resume().once("end", resolve);
    }).once("error", reject);
  });
  return performance.now() - start;
}

while (!stopped) {
  tookMs.push(await probe());
  await new Promise((resolve) => setTimeout(resolve, everyMs));
}
agent.destroy();
parentPort!.postMessage(tookMs);
