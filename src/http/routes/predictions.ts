// Predictions: by the newest version of a model, or by a named one.
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { modelParams, predictBody, predictResponse, versionParams } from "../../contract/model.ts";
import { problem } from "../../contract/problem.ts";
import type { Services } from "../app.ts";
import { predictExamples } from "../examples.ts";

export const predictionRoutes: FastifyPluginAsyncZod<Services> = async (app, { predictor }) => {
  app.post(
    "/v1/models/:name/predict",
    {
      config: { examples: predictExamples },
      schema: {
        tags: ["predictions"],
        operationId: "predict",
        summary: "Predict with the newest version",
        description: "A bad instance is refused with its index, the field, what was got and what was expected.",
        params: modelParams,
        body: predictBody,
        response: { 200: predictResponse, "4xx": problem },
      },
    },
    async ({ params: { name }, body: { instances, ...options } }) =>
      await predictor.predict(name, undefined, instances, options),
  );

  app.post(
    "/v1/models/:name/versions/:version/predict",
    {
      config: { examples: predictExamples },
      schema: {
        tags: ["predictions"],
        operationId: "predictWithVersion",
        summary: "Predict with one version",
        params: versionParams,
        body: predictBody,
        response: { 200: predictResponse, "4xx": problem },
      },
    },
    async ({ params: { name, version }, body: { instances, ...options } }) =>
      await predictor.predict(name, version, instances, options),
  );
};
