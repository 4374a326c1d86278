// The tiers of kernels, and which one runs. The reference is the only one so far.
import { requireEntry } from "../requirements.ts";
import type { Precision } from "../tensor.ts";
import type { Kernels } from "./kernels.ts";
import { createReferenceKernels } from "./reference/reference.ts";

const TIERS: Record<string, (precision: Precision) => Kernels> = {
  reference: createReferenceKernels,
};

export type Tier = string;

/** The tier that `choice` ("auto" or a tier's name) stands for on this machine. Throws `invalid_parameter` for another name. */
export function resolveTier(choice: string): Tier {
  if (choice === "auto") return "reference";
  requireEntry("kernels", TIERS, choice);
  return choice;
}

export function createKernels(tier: Tier, precision: Precision): Kernels {
  return TIERS[tier](precision);
}
