// Simple recurrent network. Elman, "Finding structure in time", 1990; in both directions: Schuster & Paliwal, 1997.
import type { z } from "zod";
import type { rnn as rnnSchema } from "../contract/architectures/sequences.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { recurrentArchitecture } from "./recurrent.ts";

export const rnn: ArchitectureDefinition<z.output<typeof rnnSchema>> = {
  title: "Simple recurrent network",
  source: "Elman, 1990",
  ...recurrentArchitecture("rnn", "simple_rnn"),
};
