// Recurrent networks that read a sequence to its end and then answer: what rnn, lstm and gru have in common.
//   tokens become vectors · layers of states, each reading those of the one below, in both directions · output
import type { z } from "zod";
import type { gru, lstm, rnn } from "../contract/architectures/sequences.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { ArchitectureDefinition, Blueprint } from "./architecture.ts";
import { type Head, outputLayer } from "./head.ts";
import { embedded, sequenceDefaults, sequenceFaults, withVocabulary } from "./sequences.ts";
import { wordsExample } from "./text-rows.ts";

export type RecurrentParameters = z.output<typeof rnn> | z.output<typeof lstm> | z.output<typeof gru>;
type Cell = "simple_rnn" | "lstm" | "gru";

/** The definition of the architecture of this type, whose layers are of the kind `cell`. */
export function recurrentArchitecture<Parameters extends RecurrentParameters>(
  type: Parameters["type"],
  cell: Cell,
): Omit<ArchitectureDefinition<Parameters>, "title" | "source"> {
  return {
    type,
    example: wordsExample({ type, units: 32 }),
    defaults: sequenceDefaults,
    check: (parameters, task) => sequenceFaults(type, parameters, task, true),
    resolve: (parameters, _head, task) => withVocabulary(parameters, task),
    build: (parameters, _inputShape, head) => recurrentLayers(cell, parameters, head),
  };
}

/** What a recurrent network is built from. */
export type RecurrentShape = Omit<RecurrentParameters, "type" | "initial_parameters">;

export function recurrentLayers(cell: Cell, parameters: RecurrentShape, head: Head): Blueprint {
  const { units, layers: count, bidirectional, pooling, dropout } = parameters;
  const dropped: LayerSpec[] = dropout > 0 ? [{ type: "dropout", rate: dropout }] : [];
  const states = Array.from({ length: count }, (_, index): LayerSpec[] => {
    const layer = { type: cell, units, return_sequences: index < count - 1 || pooling !== "last" } as const;
    return [bidirectional ? { type: "bidirectional", layer } : layer, ...dropped];
  });
  return { layers: [...embedded(parameters), ...states.flat(), ...pools[pooling](units), outputLayer(head)] };
}

const pools: Record<RecurrentShape["pooling"], (units: number) => LayerSpec[]> = {
  last: () => [],
  average: () => [{ type: "global_average_pool" }],
  max: () => [{ type: "global_max_pool" }],
  attention: (units) => [{ type: "attention_pool", units }],
};
