// One feature with everything decided that the schema can decide.
import type { z } from "zod";
import type { ColumnSchema } from "../../contract/dataset.ts";
import type { featureSpec } from "../../contract/job.ts";
import type { FeatureType } from "./catalogue.ts";
import type { FeatureSpec } from "./encode.ts";

/** A feature as a request may ask for it. */
export type FeatureRequest = z.output<typeof featureSpec>;

/** More would make the network wider than it can learn from. */
export const mostCategories = 1000;

/** The feature with "auto" filled in. Scale and missing mean something for numbers only. */
export function specOf(
  column: ColumnSchema,
  type: FeatureType,
  { scale = "auto", missing = "mean" }: Partial<FeatureRequest>,
): FeatureSpec {
  const { name } = column;
  if (type !== "number" && type !== "integer") return { name, type };
  const automatic = isZeroOrOne(column) ? "none" : "standard";
  return { name, type, scale: scale === "auto" ? automatic : scale, missing };
}

/** Only 0 and 1 occur. */
export function isZeroOrOne({ statistics: { distinct, min, max } }: ColumnSchema): boolean {
  return distinct <= 2 && [min, max].every((value) => value === 0 || value === 1);
}
