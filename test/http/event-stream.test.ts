// Live events: the stream is the stored list, whole and in order, whenever and however often a client connects.
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Event } from "../../src/contract/event.ts";
import type { Job } from "../../src/contract/job.ts";
import { appendEvent } from "../../src/store/events.ts";
import { eventually } from "../server.ts";
import { type OpenStream, openStream, type StreamedMessage } from "./event-reader.ts";
import { jobOn, validJob } from "./job-bodies.ts";
import { type Application, expectProblem, startApplication, uploadRows } from "./service.ts";

const heartbeatMs = 50;
let service: Application;
let datasetId: string;
beforeAll(async () => {
  service = await startApplication({}, { heartbeatMs });
  datasetId = await uploadRows(service, validJob().dataset.rows);
});
afterAll(async () => await service.stop());

async function newJob(on = service): Promise<Job> {
  const json = on === service ? jobOn(datasetId) : validJob();
  return (await on.call<Job>("POST", "/v1/jobs", { json })).body;
}

async function log(job: Job, message: string, on = service): Promise<void> {
  await appendEvent(on.store, { jobId: job.id, type: "log", now: Date.now(), data: { level: "info", message } });
  on.changes.announce(job.id);
}

async function stored(job: Job): Promise<Event[]> {
  return (await service.call<{ data: Event[] }>("GET", `${job.links.events}?limit=1000`)).body.data;
}

/** The next message that is no heartbeat. */
async function nextEvent(stream: OpenStream): Promise<StreamedMessage | undefined> {
  let message = await stream.next();
  while (message?.comment !== undefined) message = await stream.next();
  return message;
}

const cancel = async (job: Job) => await service.call("POST", `${job.links.self}/cancel`);

/** A job that has ended, with 20 log events in its life. */
async function endedJob(): Promise<Job> {
  const job = await newJob();
  for (let i = 0; i < 20; i++) await log(job, `line ${i}`);
  await cancel(job);
  return job;
}

test("a stream begins with the past, goes on live in order, and ends after done", async () => {
  const job = await newJob();
  await log(job, "before");
  const stream = await openStream(service.url + job.links.events);
  expect(stream.headers.get("content-type")).toBe("text/event-stream");
  expect(stream.headers.get("cache-control")).toBe("no-cache");
  expect(stream.headers.get("x-accel-buffering")).toBe("no");
  for (const event of await stored(job)) expect((await nextEvent(stream))?.data).toEqual(event);
  for (const message of ["first", "second"]) {
    await log(job, message);
    expect((await nextEvent(stream))?.data.data.message).toBe(message);
  }
  await cancel(job);
  const end = (await stream.rest()).filter(({ id }) => id !== undefined);
  expect(end.map(({ event }) => event)).toEqual(["status", "done"]);
  expect(end.at(-1)?.data.data.status).toBe("cancelled");
});

test("each message is the stored event under its own id, and the first one says when to reconnect", async () => {
  const job = await endedJob();
  const stream = await openStream(service.url + job.links.events);
  const messages = (await stream.rest()).filter(({ id }) => id !== undefined);
  const events = await stored(job);
  expect(messages.map(({ data }) => data)).toEqual(events);
  expect(messages.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  expect(messages.map(({ event }) => event)).toEqual(events.map(({ type }) => type));
  expect(messages.map(({ retry }) => retry)).toEqual(["3000", ...Array(messages.length - 1).fill(undefined)]);
});

test("cut off anywhere and reconnected, the parts are the whole: nothing lost, nothing twice", async () => {
  const job = await endedJob();
  const ids = (await stored(job)).map(({ id }) => id);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 6 }), async (lengths) => {
      const got: string[] = [];
      for (const length of lengths) {
        const last = got.at(-1);
        const headers = last === undefined ? {} : { "last-event-id": last };
        const stream = await openStream(service.url + job.links.events, headers);
        for (let i = 0; i < length; i++) {
          const message = await stream.next();
          if (message?.id !== undefined) got.push(message.id);
        }
        stream.leave();
      }
      const last = got.at(-1);
      const stream = await openStream(service.url + job.links.events + (last === undefined ? "" : `?after=${last}`));
      got.push(...(await stream.rest()).flatMap(({ id }) => (id === undefined ? [] : [id])));
      expect(got).toEqual(ids);
    }),
    { numRuns: 30 },
  );
});

test("?after= wins over Last-Event-ID, which a browser may send from an older connection", async () => {
  const job = await endedJob();
  const ids = (await stored(job)).map(({ id }) => id);
  const stream = await openStream(`${service.url}${job.links.events}?after=${ids[9]}`, { "last-event-id": ids[2] });
  expect((await stream.next())?.id).toBe(ids[10]);
  stream.leave();
});

test("a reconnect after the end gets 204, so that EventSource stops", async () => {
  const job = await endedJob();
  const last = (await stored(job)).at(-1)!;
  expect(last.type).toBe("done");
  const stream = await openStream(service.url + job.links.events, { "last-event-id": last.id });
  expect(stream.status).toBe(204);
});

test.each(["nonsense", "evt_", "evt_1x", "job_1"])("the position %j is refused", async (position) => {
  const job = await newJob();
  for (const accept of ["text/event-stream", "application/json"]) {
    const headers = { accept };
    const answer = await service.call("GET", `${job.links.events}?after=${position}`, { headers });
    expect(expectProblem(answer, 400).hint).toMatch(/evt_/);
  }
});

test("a quiet stream carries comments, so that proxies keep it open", async () => {
  const job = await newJob();
  const stream = await openStream(service.url + job.links.events);
  const comments: string[] = [];
  while (comments.length < 3) {
    const message = await stream.next();
    comments.push(...(message?.comment === undefined ? [] : [message.comment]));
  }
  expect(comments).toEqual(["heartbeat", "heartbeat", "heartbeat"]);
  stream.leave();
});

test("a client that goes away is forgotten", async () => {
  const job = await newJob();
  const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(service.url + job.links.events)));
  await Promise.all(streams.map((stream) => stream.next()));
  expect(service.app.openEventStreams.size).toBeGreaterThanOrEqual(20);
  for (const stream of streams) stream.leave();
  await eventually("all streams closed", async () => service.app.openEventStreams.size === 0);
  expect((await service.call("GET", "/livez")).status).toBe(200);
});

test("a client that does not read holds up nobody, and not the server's stop", async () => {
  const own = await startApplication({}, { heartbeatMs });
  const job = await newJob(own);
  const socket = connect(Number(new URL(own.url).port), "127.0.0.1");
  socket.pause();
  socket.write(`GET ${job.links.events} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`);
  await eventually("the stream is open", async () => own.app.openEventStreams.size === 1);
  // More than the sockets of both sides buffer.
  for (let i = 0; i < 40; i++) await log(job, "x".repeat(500_000), own);
  const reader = await openStream(own.url + job.links.events);
  for (let long = 0; long < 40;) if ((await reader.next())?.data?.data.message?.length === 500_000) long++;
  expect((await own.call("GET", "/livez")).status).toBe(200);
  const start = performance.now();
  await own.stop();
  expect(performance.now() - start).toBeLessThan(3_000);
  socket.destroy();
});

test("a stopping server ends its open streams at once", async () => {
  const own = await startApplication();
  const job = await newJob(own);
  const streams = await Promise.all(Array.from({ length: 5 }, () => openStream(own.url + job.links.events)));
  await Promise.all(streams.map((stream) => stream.next()));
  const start = performance.now();
  await Promise.all([own.stop(), ...streams.map((stream) => stream.rest())]);
  expect(performance.now() - start).toBeLessThan(1_000);
});
