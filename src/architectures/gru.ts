// Gated recurrent units. Cho et al., "Learning phrase representations using RNN encoder–decoder …", 2014.
import type { z } from "zod";
import type { gru as gruSchema } from "../contract/architectures/sequences.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { recurrentArchitecture } from "./recurrent.ts";

export const gru: ArchitectureDefinition<z.output<typeof gruSchema>> = {
  title: "Gated recurrent units",
  source: "Cho et al., 2014",
  ...recurrentArchitecture("gru", "gru"),
};
