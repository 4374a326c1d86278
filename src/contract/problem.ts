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
  .meta({ id: "Problem" });
export type Problem = z.output<typeof problem>;
