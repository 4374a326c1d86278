// Jobs: submit, look, control, delete.
import { z } from "zod";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { type Job, job, jobList, jobListQuery, jobRequest, jobValidation, jobWaitQuery } from "../../contract/job.ts";
import { problem } from "../../contract/problem.ts";
import { controlJob } from "../../jobs/control.ts";
import { submitJob, validateJob } from "../../jobs/submit.ts";
import { waitForJob } from "../../jobs/wait.ts";
import { deleteJob, listJobs } from "../../store/jobs.ts";
import type { Services } from "../app.ts";
import { jobExamples } from "../examples.ts";
import { createOnce, fingerprintOf } from "../plugins/idempotency.ts";

export const jobParams = z.object({ id: z.string().max(64) });

export const jobRoutes: FastifyPluginAsyncZod<Services> = async (app, services) => {
  const { store, changes, supervisor } = services;
  const submitting = { ...services, stopping: app.stopping };

  app.post(
    "/v1/jobs",
    {
      config: { examples: jobExamples, creates: true },
      schema: {
        tags: ["jobs"],
        operationId: "createJob",
        summary: "Train a network",
        description:
          "Answers 202 at once; follow `links.events`, or `GET /v1/jobs/{id}?wait=30`. `Idempotency-Key` is honoured for 24 hours.",
        body: jobRequest,
        response: { 202: job, "4xx": problem },
      },
    },
    async (request, reply) => {
      const answer = { status: 202 as const, fingerprint: fingerprintOf(request.body) };
      const created = await createOnce<Job>(store, request, reply, answer, (record) =>
        submitJob(submitting, request.body, record),
      );
      supervisor.wake();
      return created;
    },
  );

  app.post(
    "/v1/jobs/validate",
    {
      config: { examples: jobExamples },
      schema: {
        tags: ["jobs"],
        operationId: "validateJob",
        summary: "Dry run: what would run, what it needs, everything that is wrong",
        body: jobRequest,
        response: { 200: jobValidation, "4xx": problem },
      },
    },
    async (request) => await validateJob(submitting, request.body),
  );

  app.get(
    "/v1/jobs",
    {
      schema: {
        tags: ["jobs"],
        operationId: "listJobs",
        summary: "Jobs, newest first",
        querystring: jobListQuery,
        response: { 200: jobList, "4xx": problem },
      },
    },
    async (request) => ({ object: "list" as const, ...(await listJobs(store, request.query)) }),
  );

  app.get(
    "/v1/jobs/:id",
    {
      schema: {
        tags: ["jobs"],
        operationId: "getJob",
        summary: "One job; with ?wait=30 as soon as it has ended",
        params: jobParams,
        querystring: jobWaitQuery,
        response: { 200: job, "4xx": problem },
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const signal = AbortSignal.any([gone.signal, app.stopping]);
      return await waitForJob(store, changes, request.params.id, request.query.wait, signal);
    },
  );

  for (const action of ["cancel", "pause", "resume"] as const) {
    app.post(
      `/v1/jobs/:id/${action}`,
      {
        schema: {
          tags: ["jobs"],
          operationId: `${action}Job`,
          summary: {
            cancel: "Stop a job for good",
            pause: "Stop a job, keeping its checkpoint",
            resume: "Go on with a paused job",
          }[action],
          params: jobParams,
          response: { 200: job, "4xx": problem },
        },
      },
      async (request) => {
        const changed = await controlJob(store, request.params.id, action);
        supervisor.wake();
        changes.announce(changed.id);
        return changed;
      },
    );
  }

  app.delete(
    "/v1/jobs/:id",
    {
      schema: {
        tags: ["jobs"],
        operationId: "deleteJob",
        summary: "Delete a finished job with its history; its model stays",
        params: jobParams,
        response: { 204: z.null(), "4xx": problem },
      },
    },
    async (request, reply) => {
      await deleteJob(store, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
