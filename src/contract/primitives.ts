// The small shapes that every resource shares: times, ids, lists, names.
import { z } from "zod";
import { strictObject } from "./strict-object.ts";

/** RFC 3339 UTC, milliseconds. */
export const timestamp = z.iso
  .datetime()
  .meta({ description: "RFC 3339, UTC", examples: ["2026-01-31T12:00:00.000Z"] });

/** A name people choose: for jobs, datasets and models. Never used as a path. */
export const resourceName = z
  .string()
  .min(1)
  .max(128)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]*$/,
    "Names start with a letter or digit and hold letters, digits, space, '.', '_' and '-'.",
  )
  .meta({ description: "1 to 128 letters, digits, spaces, '.', '_' or '-'", examples: ["iris-demo"] });

/** `{"object":"list","data":[…],"has_more":…}` */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    object: z.literal("list"),
    data: z.array(item),
    has_more: z.boolean().describe("true when `?after=<id of the last item>` would give more"),
  });
}

/** Query of every list: newest first, `?after=<id>` goes on where the page before ended. */
export const pageQuery = strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe("items per page"),
  after: z.string().max(64).optional().describe("id of the last item of the page before"),
});

export type PageQuery = z.output<typeof pageQuery>;
