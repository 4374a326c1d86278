// Long short-term memory. Hochreiter & Schmidhuber, "Long short-term memory", 1997; forget gate: Gers, Schmidhuber & Cummins,
// 2000; in both directions: Graves & Schmidhuber, 2005.
import type { z } from "zod";
import type { lstm as lstmSchema } from "../contract/architectures/sequences.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { recurrentArchitecture } from "./recurrent.ts";

export const lstm: ArchitectureDefinition<z.output<typeof lstmSchema>> = {
  title: "Long short-term memory",
  source: "Hochreiter & Schmidhuber, 1997",
  ...recurrentArchitecture("lstm", "lstm"),
};
