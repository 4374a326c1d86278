// What becomes of fields of an instance that the model does not know, and of those that are not there.
import { z } from "zod";

export const fieldPolicy = {
  extra_fields: z
    .enum(["refuse", "ignore"])
    .optional()
    .describe("fields that no column of the dataset has; default: refuse, which finds misspelt names"),
  missing_fields: z
    .enum(["refuse", "impute"])
    .optional()
    .describe("features that are not there; impute: as null, which stands for a missing value; default: refuse"),
};

export interface FieldPolicy {
  extra_fields?: "refuse" | "ignore" | undefined;
  missing_fields?: "refuse" | "impute" | undefined;
}
