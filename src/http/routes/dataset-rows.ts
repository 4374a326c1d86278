// The rows of a dataset: a page to look at, one image or sound, the whole as Parquet.
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { z } from "zod";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { cellParams, type ColumnSchema, type Dataset, rowList, rowsQuery } from "../../contract/dataset.ts";
import { problem } from "../../contract/problem.ts";
import { suggestName } from "../../contract/strict-object.ts";
import { exportParquet, readCell, readRows } from "../../datasets/ingest.ts";
import { DomainError } from "../../errors.ts";
import { datasetIdOf } from "../../jobs/builtin-datasets.ts";
import { getDataset, getDatasetBlob } from "../../store/datasets.ts";
import { unpackTable, workFolderOf } from "../../store/table-cache.ts";
import type { Services } from "../app.ts";

const params = z.object({ id: z.string().max(64) });
const bytes = { schema: z.string() };

export const datasetRowRoutes: FastifyPluginAsyncZod<Services> = async (app, { config, store }) => {
  const workFolder = workFolderOf(config.database);
  const importing = { store, workFolder, stopping: app.stopping };

  app.get(
    "/v1/datasets/:id/rows",
    {
      schema: {
        tags: ["datasets"],
        operationId: "listRows",
        summary: "Some rows to look at",
        description: "An image or a sound is shown as the path of its bytes.",
        params,
        querystring: rowsQuery,
        response: { 200: rowList, "4xx": problem },
      },
    },
    async (request, reply) => {
      const { offset, limit } = request.query;
      const id = await datasetIdOf(importing, request.params.id);
      const { schema, rows, links } = await getDataset(store, id);
      const path = await unpackTable(store, workFolder, await getDatasetBlob(store, id));
      const page = { offset, limit, workFolder, address: links.rows };
      const data = await readRows(path, schema.columns, page, app.stopping);
      // Written as it is: zod would drop a column called __proto__.
      void reply.type("application/json; charset=utf-8").serializer((payload) => JSON.stringify(payload));
      return { object: "list" as const, data, has_more: offset + data.length < rows, total: rows };
    },
  );

  app.get(
    "/v1/datasets/:id/rows/:row/:column",
    {
      schema: {
        tags: ["datasets"],
        operationId: "getCell",
        summary: "One image as PNG, or one sound as WAV",
        params: cellParams,
        response: {
          200: { description: "The bytes", content: { "image/png": bytes, "audio/wav": bytes } },
          "4xx": problem,
        },
      },
    },
    async (request, reply) => {
      const { row, column: name } = request.params;
      const id = await datasetIdOf(importing, request.params.id);
      const dataset = await getDataset(store, id);
      const { index, column } = mediaColumn(dataset, row, name);
      const blob = await getDatasetBlob(store, id);
      // A dataset never changes: what was once seen can be kept.
      const tag = `"${blob.slice(0, 32)}-${row}-${index}"`;
      void reply.header("etag", tag).header("cache-control", "private, max-age=31536000, immutable");
      if (request.headers["if-none-match"] === tag) return reply.code(304 as 200).send();
      const path = await unpackTable(store, workFolder, blob);
      const cell = await readCell(path, { index, column, row }, workFolder, app.stopping);
      if (cell === undefined) throw new DomainError("not_found", `Row ${row} has no ${column.type} in "${name}".`);
      return reply.type(cell.contentType).send(cell.bytes as unknown as string);
    },
  );

  app.get(
    "/v1/datasets/:id/download",
    {
      schema: {
        tags: ["datasets"],
        operationId: "downloadDataset",
        summary: "The typed table as Parquet",
        description:
          "Images are raw pixels row by row, sounds mono 16-bit PCM, sequences lists of numbers; the schema has their shape.",
        params,
        response: {
          200: { description: "The table", content: { "application/vnd.apache.parquet": bytes } },
          "4xx": problem,
        },
      },
    },
    async (request, reply) => {
      const id = await datasetIdOf(importing, request.params.id);
      const { schema, name } = await getDataset(store, id);
      const path = await unpackTable(store, workFolder, await getDatasetBlob(store, id));
      const names = schema.columns.map((column) => column.name);
      const exported = await exportParquet(path, names, workFolder, app.stopping);
      const file = createReadStream(exported).once("close", () => void rm(exported, { force: true }));
      return reply
        .type("application/vnd.apache.parquet")
        .header("content-length", (await stat(exported)).size)
        .header("content-disposition", `attachment; filename="${name}.parquet"`)
        .send(file as unknown as string);
    },
  );
};

/** The column and its position. @throws DomainError `not_found` when there is no such row, or nothing to look at in it */
function mediaColumn(dataset: Dataset, row: number, name: string): { index: number; column: ColumnSchema } {
  const { columns } = dataset.schema;
  const index = columns.findIndex((column) => column.name === name);
  const column = columns[index];
  if (row > dataset.rows) {
    throw new DomainError("not_found", `There is no row ${row}.`, { hint: `Rows count from 1 to ${dataset.rows}.` });
  }
  if (column?.type === "image" || column?.type === "audio") return { index, column };
  const media = columns.filter(({ type }) => type === "image" || type === "audio").map((one) => one.name);
  const detail =
    column === undefined
      ? `The dataset has no column "${name}".`
      : `Column "${name}" holds ${column.type} values, which have no bytes of their own.`;
  const hint =
    media.length === 0 ? `See ${dataset.links.rows}: no column has images or sounds.` : suggestName(name, media);
  throw new DomainError("not_found", detail, { hint });
}
