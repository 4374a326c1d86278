// Layers one after another, planned as one layer: the whole of a branch.
import type { Operation } from "../operations.ts";
import { expandLayers, planLayer } from "./catalogue.ts";
import type { LayerSpec } from "./catalogue.ts";
import type { PlannedLayer, Scope, Signal } from "./layer.ts";

/** Plans the layers of a branch; `scopeOf` gives each its own scope. No layers are the identity. */
export function planSequence(
  specs: readonly LayerSpec[],
  scopeOf: (spec: LayerSpec, index: number) => Scope,
  x: Signal,
): PlannedLayer {
  let output = x;
  const planned = expandLayers(specs).map(({ spec, index }) => {
    const layer = planLayer(spec, scopeOf(spec, index), output);
    output = layer.output;
    return layer;
  });
  const inference = (layer: PlannedLayer): readonly Operation[] => layer.inference ?? layer.forward;
  return {
    output,
    parameters: planned.flatMap(({ parameters }) => parameters),
    forward: planned.flatMap(({ forward }) => forward),
    inference: planned.flatMap(inference),
    backward: planned.toReversed().flatMap(({ backward }) => backward),
  };
}
