// Datasets: bring data, see what was understood.
import { join } from "node:path";
import type { Readable } from "node:stream";
import multipart from "@fastify/multipart";
import { z } from "zod";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import {
  builtinDatasetList,
  type Dataset,
  dataset,
  datasetList,
  datasetListQuery,
  datasetUploadQuery,
} from "../../contract/dataset.ts";
import { problem } from "../../contract/problem.ts";
import { datasetIdOf, describeBuiltinDatasets } from "../../jobs/builtin-datasets.ts";
import { importDataset } from "../../jobs/import-dataset.ts";
import { workFolderOf } from "../../store/table-cache.ts";
import { deleteDataset, getDataset, listDatasets } from "../../store/datasets.ts";
import type { Services } from "../app.ts";
import { datasetRequestBody } from "../examples.ts";
import { createOnce } from "../plugins/idempotency.ts";
import { receiveUpload } from "../upload.ts";

const params = z.object({ id: z.string().max(64) });

export const datasetRoutes: FastifyPluginAsyncZod<Services> = async (app, { config, store }) => {
  const workFolder = workFolderOf(config.database);
  const importing = { store, workFolder, stopping: app.stopping };

  // Here a body of any type is a file: it streams to disk unread.
  await app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    await uploads.register(multipart);
    uploads.addContentTypeParser(
      "*",
      (_request: unknown, payload: Readable, done: (error: null, body: Readable) => void) => {
        done(null, payload);
      },
    );

    uploads.post(
      "/v1/datasets",
      {
        bodyLimit: config.uploadLimitBytes,
        config: { requestBody: datasetRequestBody, creates: true },
        schema: {
          tags: ["datasets"],
          operationId: "createDataset",
          summary: "Bring data: a file, a raw body or rows",
          description:
            "Types, header and delimiter are found out; `options` overrides them. Row-precise errors refuse the data, warnings inform.",
          querystring: datasetUploadQuery,
          response: { 201: dataset, "4xx": problem },
        },
      },
      async (request, reply) => {
        const upload = await receiveUpload(request, join(workFolder, "uploads"), config.uploadLimitBytes);
        try {
          const answer = { status: 201 as const, fingerprint: upload.fingerprint };
          return await createOnce<Dataset>(store, request, reply, answer, (record) =>
            importDataset(importing, upload, record),
          );
        } finally {
          await upload.discard();
        }
      },
    );
  });

  app.get(
    "/v1/datasets",
    {
      schema: {
        tags: ["datasets"],
        operationId: "listDatasets",
        summary: "Datasets, newest first; or the built-in ones",
        querystring: datasetListQuery,
        response: { 200: z.union([datasetList, builtinDatasetList]), "4xx": problem },
      },
    },
    async ({ query }) =>
      query.builtin
        ? { object: "list" as const, data: describeBuiltinDatasets(), has_more: false }
        : { object: "list" as const, ...(await listDatasets(store, query)) },
  );

  app.get(
    "/v1/datasets/:id",
    {
      schema: {
        tags: ["datasets"],
        operationId: "getDataset",
        summary: "Schema, statistics and problems of a dataset",
        description: "A built-in dataset is found by its name.",
        params,
        response: { 200: dataset, "4xx": problem },
      },
    },
    async ({ params: { id } }) => await getDataset(store, await datasetIdOf(importing, id)),
  );

  app.delete(
    "/v1/datasets/:id",
    {
      schema: {
        tags: ["datasets"],
        operationId: "deleteDataset",
        summary: "Delete a dataset; models trained with it stay",
        params,
        response: { 204: z.null(), "4xx": problem },
      },
    },
    async (request, reply) => {
      await deleteDataset(store, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
