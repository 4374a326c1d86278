// The closed table of architectures: a new one is one file and one row here (and its schema in contract/architecture.ts).
import { z } from "zod";
import {
  type ArchitectureType,
  mccullochPitts as mccullochPittsSchema,
  mlp as mlpSchema,
  perceptron as perceptronSchema,
  sequential as sequentialSchema,
} from "../contract/architecture.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { mccullochPitts } from "./mcculloch-pitts.ts";
import { mlp } from "./mlp.ts";
import { perceptron } from "./perceptron.ts";
import { sequential } from "./sequential.ts";

const architectures: { [Type in ArchitectureType]: { definition: unknown; schema: z.ZodType } } = {
  mlp: { definition: mlp, schema: mlpSchema },
  mcculloch_pitts: { definition: mccullochPitts, schema: mccullochPittsSchema },
  perceptron: { definition: perceptron, schema: perceptronSchema },
  sequential: { definition: sequential, schema: sequentialSchema },
};

/** The definition for a request's architecture; its functions take exactly that request's parameters. */
export function architectureOf(type: ArchitectureType): ArchitectureDefinition {
  return architectures[type].definition as ArchitectureDefinition;
}

/** One entry of the catalogue, as the API shows it. */
export function describeArchitecture(type: ArchitectureType) {
  const { title, source, example } = architectureOf(type);
  const schema = z.toJSONSchema(architectures[type].schema, { io: "input" }) as Record<string, unknown>;
  return { object: "architecture" as const, type, title, source, schema, example };
}
