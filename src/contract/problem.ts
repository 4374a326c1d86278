// Errors on the wire: RFC 9457 problem details.
import { z } from "zod";
import { datasetProblem } from "./dataset.ts";

export const problem = z
  .object({
    type: z.string().describe("a page that explains the code"),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string().optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe("JSON Pointer into the request, as URI fragment"),
          code: z.string(),
          detail: z.string(),
          hint: z.string().optional(),
        }),
      )
      .describe("every problem found, not just the first"),
    problems: z.array(datasetProblem).optional().describe("row by row, for data"),
    problem_count: z.number().int().optional(),
    request_id: z.string(),
  })
  .meta({
    id: "Problem",
    examples: [
      {
        type: "/problems/invalid_request",
        title: "The request is not valid.",
        status: 422,
        detail: "2 things are wrong with this request.",
        code: "invalid_request",
        errors: [
          {
            pointer: "#/architecture/activation",
            code: "unknown_value",
            detail: 'Unknown value "relUu".',
            hint: 'Did you mean "relu"? Known: relu, leaky_relu, tanh, sigmoid, gelu, identity.',
          },
          {
            pointer: "#/hyperparameters/learning_rate",
            code: "unknown_field",
            detail: 'Unknown field "learning_rate".',
            hint: 'It belongs into "optimizer", as "learning_rate".',
          },
        ],
        request_id: "req_8e03978e-40d5-43dd-bc93-6894a57f9324",
      },
    ],
  });
export type Problem = z.output<typeof problem>;
