// Kills the whole server at random moments while clients post and read, and checks what every client was told:
// nothing acknowledged is lost, no epoch that was shown changes (goal G1 of the design; the recipe is etcd's: traffic,
// faults, recorded history, check).
import { expect } from "vitest";
import type { Event } from "../../src/contract/event.ts";
import type { Job } from "../../src/contract/job.ts";
import type { EpochMetrics } from "../../src/contract/metrics.ts";
import { type RecordedEvent, recordEvents } from "../event-recorder.ts";
import { datasetOf, waitForEnd } from "../long-job.ts";
import { type Answer, eventually, ServerProcess } from "../server.ts";

/** Everything clients were told. */
interface History {
  jobs: Set<string>;
  /** Idempotency key → the job it was answered with. */
  keys: Map<string, string>;
  /** By job and epoch: the first sight of it, as text, times included. */
  epochs: Map<string, string>;
  events: Map<string, string>;
  final: Map<string, string>;
}

const clients = 3;
const [earliestKillMs, latestKillMs] = [5, 3_000];

/** Starts a server, kills it `kills` times, and checks the whole history after the last restart. */
export async function killRepeatedly(kills: number, random: () => number): Promise<{ jobs: number; epochs: number }> {
  const server = new ServerProcess();
  try {
    await server.start();
    const history: History = {
      jobs: new Set(),
      keys: new Map(),
      epochs: new Map(),
      events: new Map(),
      final: new Map(),
    };
    const body = jobOn(await datasetOf(server));
    for (let kill = 0; kill < kills; kill++) {
      const stop = new AbortController();
      const traffic = Array.from({ length: clients }, (_, client) =>
        actAsClient(server, history, body, `${kill}-${client}`, stop.signal),
      );
      await pass(earliestKillMs + random() * (latestKillMs - earliestKillMs));
      // Without traffic there is nothing to lose: on a busy machine the last kill waits until something was shown.
      if (kill === kills - 1) await eventually("an epoch was shown", async () => history.epochs.size > 0);
      await server.kill("SIGKILL");
      stop.abort();
      await Promise.all(traffic);
      await server.start();
      await checkHistory(server, history);
    }
    for (const id of history.jobs) expect((await waitForEnd(server, id)).status).toBe("succeeded");
    await checkHistory(server, history);
    return { jobs: history.jobs.size, epochs: history.epochs.size };
  } finally {
    await server.end();
  }
}

function jobOn(datasetId: string) {
  return {
    name: "torture",
    architecture: { type: "mlp", hidden: [8], dropout: 0.1 },
    dataset: { id: datasetId, target: "label" },
    hyperparameters: { epochs: 40, batch_size: 16 },
  };
}

/** Posts, reads and streams until the server is gone. What it was not answered, it does not count on. */
async function actAsClient(server: ServerProcess, history: History, body: object, name: string, stop: AbortSignal) {
  const told = async (method: string, path: string, sent?: unknown, headers?: Record<string, string>) =>
    await server.api(method, path, sent, headers).catch(() => undefined);
  const streams: Promise<void>[] = [];
  for (let posts = 0; posts < 2 && !stop.aborted; posts++) {
    const key = `${name}-${posts}`;
    const accepted = await told("POST", "/v1/jobs", body, { "idempotency-key": key });
    if (accepted === undefined) break;
    expect(accepted.status).toBe(202);
    const { id } = accepted.body as Job;
    history.jobs.add(id);
    history.keys.set(key, id);
    streams.push(streamInto(server.url, id, history));
  }
  while (!stop.aborted) {
    for (const id of history.jobs) {
      const job = await told("GET", `/v1/jobs/${id}`);
      if (job !== undefined) noteFinal(history, job.body as Job);
      const metrics = await told("GET", `/v1/jobs/${id}/metrics`);
      for (const epoch of (metrics as Answer<{ data: EpochMetrics[] }> | undefined)?.body.data ?? []) {
        note(history.epochs, `${id} ${epoch.epoch}`, JSON.stringify(epoch));
      }
      if (stop.aborted) break;
    }
    await pass(30);
  }
  await Promise.all(streams);
}

async function streamInto(url: string, id: string, history: History): Promise<void> {
  const shown: RecordedEvent[] = [];
  await recordEvents(url, id, shown);
  for (const event of shown) note(history.events, `${id} ${event.id}`, JSON.stringify(JSON.parse(event.data)));
}

function noteFinal(history: History, job: Job): void {
  if (job.terminal) note(history.final, job.id, JSON.stringify([job.status, job.result, job.error]));
}

/** What is told twice must be told alike. */
function note(told: Map<string, string>, key: string, text: string): void {
  expect({ [key]: text }).toEqual({ [key]: told.get(key) ?? text });
  told.set(key, text);
}

async function checkHistory(server: ServerProcess, history: History): Promise<void> {
  for (const id of history.jobs) {
    const { status, body } = await server.api<Job>("GET", `/v1/jobs/${id}`);
    expect({ [id]: status }).toEqual({ [id]: 200 });
    expect(body.status).not.toBe("failed");
    if (history.final.has(id)) expect(body.terminal).toBe(true);
    noteFinal(history, body);
    const { data } = (await server.api<{ data: EpochMetrics[] }>("GET", `/v1/jobs/${id}/metrics`)).body;
    const present = new Map(data.map((epoch) => [`${id} ${epoch.epoch}`, JSON.stringify(epoch)]));
    expectAll(history.epochs, id, present);
    const events = (await server.api<{ data: Event[] }>("GET", `/v1/jobs/${id}/events?limit=1000`)).body.data;
    expectAll(history.events, id, new Map(events.map((event) => [`${id} ${event.id}`, JSON.stringify(event)])));
  }
  for (const [key, id] of history.keys) {
    const body = jobOn(await datasetOf(server));
    const replayed = await server.api<Job>("POST", "/v1/jobs", body, { "idempotency-key": key });
    expect([replayed.status, replayed.body.id]).toEqual([202, id]);
  }
}

function expectAll(told: Map<string, string>, id: string, present: Map<string, string>): void {
  const promised = [...told].filter(([key]) => key.startsWith(`${id} `));
  expect(promised.map(([key]) => [key, present.get(key)])).toEqual(promised);
}

/** The moments of the kills are the experiment itself; nothing is waited for. */
async function pass(ms: number): Promise<void> {
  const until = performance.now() + ms;
  await eventually("time passes", async () => performance.now() >= until, ms + 60_000);
}
