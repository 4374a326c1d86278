// Models: the registry of what was trained.
import { z } from "zod";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import {
  model,
  modelList,
  modelListQuery,
  modelParameters,
  modelParams,
  modelVersion,
  versionParams,
} from "../../contract/model.ts";
import { evaluation } from "../../contract/evaluation.ts";
import { problem } from "../../contract/problem.ts";
import { describeEvaluation } from "../../models/evaluation.ts";
import { describeModel, describeVersion, listModels } from "../../models/registry.ts";
import { deleteModel, getVersionRow } from "../../store/models.ts";
import type { Services } from "../app.ts";

export const modelRoutes: FastifyPluginAsyncZod<Services> = async (app, { store, predictor }) => {
  app.get(
    "/v1/models",
    {
      schema: {
        tags: ["models"],
        operationId: "listModels",
        summary: "Models by name",
        querystring: modelListQuery,
        response: { 200: modelList, "4xx": problem },
      },
    },
    async (request) => ({ object: "list" as const, ...(await listModels(store, request.query)) }),
  );

  app.get(
    "/v1/models/:name",
    {
      schema: {
        tags: ["models"],
        operationId: "getModel",
        summary: "A model with its versions",
        params: modelParams,
        response: { 200: model, "4xx": problem },
      },
    },
    async (request) => await describeModel(store, request.params.name),
  );

  app.get(
    "/v1/models/:name/versions/:version",
    {
      schema: {
        tags: ["models"],
        operationId: "getModelVersion",
        summary: "One version: inputs, classes, metrics",
        params: versionParams,
        response: { 200: modelVersion, "4xx": problem },
      },
    },
    async (request) => describeVersion(await getVersionRow(store, request.params.name, request.params.version)),
  );

  app.get(
    "/v1/models/:name/versions/:version/evaluation",
    {
      schema: {
        tags: ["models"],
        operationId: "getEvaluation",
        summary: "How good one version is: metrics, tables, curves and its worst rows",
        description: "Computed once, when the training ended, on the test rows of the job's split.",
        params: versionParams,
        response: { 200: evaluation, "4xx": problem },
      },
    },
    async (request) => await describeEvaluation(store, request.params.name, request.params.version),
  );

  app.get(
    "/v1/models/:name/versions/:version/parameters",
    {
      schema: {
        tags: ["models"],
        operationId: "getModelParameters",
        summary: "The weights as JSON, in the form initial_parameters takes",
        params: versionParams,
        response: { 200: modelParameters, "4xx": problem },
      },
    },
    async (request, reply) => {
      const { name, version } = request.params;
      // Written as it is: to check millions of numbers one by one would take longer than to read them.
      const data = (await predictor.parameters(name, version)) as z.output<typeof modelParameters>["data"];
      void reply.type("application/json; charset=utf-8").serializer((payload) => JSON.stringify(payload));
      return { object: "model_parameters" as const, model: name, version, data };
    },
  );

  app.delete(
    "/v1/models/:name",
    {
      schema: {
        tags: ["models"],
        operationId: "deleteModel",
        summary: "Delete a model with all its versions",
        params: modelParams,
        response: { 204: z.null(), "4xx": problem },
      },
    },
    async (request, reply) => {
      await deleteModel(store, request.params.name);
      predictor.forget(request.params.name);
      return reply.code(204).send(null);
    },
  );
};
