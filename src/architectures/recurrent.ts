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
  const { units, pooling } = parameters;
  const states = stateLayers(cell, parameters, pooling === "last" ? "last" : "all");
  return { layers: [...embedded(parameters), ...states, ...pools[pooling](units), outputLayer(head)] };
}

type StateShape = Pick<RecurrentShape, "units" | "layers" | "bidirectional" | "dropout"> &
  Partial<Pick<RecurrentShape, "recurrent_dropout">>;

/** Layers of states above each other; of the topmost one the last state, or all of them. */
export function stateLayers(cell: Cell, shape: StateShape, top: "last" | "all"): LayerSpec[] {
  const { units, layers: count, bidirectional, dropout, recurrent_dropout = 0 } = shape;
  const dropped: LayerSpec[] = dropout > 0 ? [{ type: "dropout", rate: dropout }] : [];
  const states = Array.from({ length: count }, (_, index): LayerSpec[] => {
    const return_sequences = index < count - 1 || top === "all";
    const layer = { type: cell, units, return_sequences, recurrent_dropout } as const;
    return [bidirectional ? { type: "bidirectional", layer } : layer, ...dropped];
  });
  return states.flat();
}

const pools: Record<RecurrentShape["pooling"], (units: number) => LayerSpec[]> = {
  last: () => [],
  average: () => [{ type: "global_average_pool" }],
  max: () => [{ type: "global_max_pool" }],
  attention: (units) => [{ type: "attention_pool", units }],
};
