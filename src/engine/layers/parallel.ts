// Branches beside each other, all of the same input. Szegedy et al., 2015; windows of several lengths on texts: Kim, 2014.
// forward   y = [f_1(x) f_2(x) …] in the last dimension     f_i: the layers of a branch, none for x itself
// backward  df_i = its part of dy, dx = Σ_i dx through f_i
import { EngineError, shapeText } from "../engine-error.ts";
import { add } from "../operations/elements.ts";
import type { LayerDefinition, PlannedLayer, Scope, Signal } from "./layer.ts";

export interface ParallelSpec<Layer> {
  readonly type: "parallel";
  readonly branches: readonly (readonly Layer[])[];
}

export const parallel: LayerDefinition<ParallelSpec<unknown>> = {
  plan({ branches }, scope, x) {
    // Every branch writes the gradient of x: all but the first to a place of their own, which is then added.
    const inputs = branches.map((_, index): Signal => {
      const isOther = index > 0 && x.gradient !== null;
      return { value: x.value, gradient: isOther ? scope.buffer(`dx ${index}`, x.value.shape) : x.gradient };
    });
    const planned = branches.map((layers, index) => scope.sequence(`branches.${index}`, layers, inputs[index]));
    const outputs = planned.map(({ output }) => output);
    const y = scope.signal(
      joinedShape(outputs, scope),
      outputs.some(({ gradient }) => gradient !== null),
    );
    const parts = outputs.map(({ value }) => value);
    // Nothing is trained before a part without a gradient: what is written there is read by nobody.
    const dparts = outputs.map(({ value, gradient }, index) => gradient ?? scope.buffer(`dy ${index}`, value.shape));
    const inference = (layer: PlannedLayer) => layer.inference ?? layer.forward;

    return {
      output: y,
      parameters: planned.flatMap(({ parameters }) => parameters),
      forward: [...planned.flatMap(({ forward }) => forward), { kind: "concatenate", parts, y: y.value }],
      inference: [...planned.flatMap(inference), { kind: "concatenate", parts, y: y.value }],
      backward:
        y.gradient === null
          ? []
          : [
              { kind: "split", y: y.gradient, parts: dparts },
              ...planned.flatMap(({ backward }, index) => [
                ...backward,
                ...(index === 0 || x.gradient === null ? [] : [add(x.gradient, inputs[index].gradient!, x.gradient)]),
              ]),
            ],
    };
  },
};

/** The shapes of the branches with their last dimensions added up. */
function joinedShape(outputs: readonly Signal[], { layerName }: Scope): readonly number[] {
  const [first, ...others] = outputs.map(({ value }) => value.shape);
  const outer = first?.slice(0, -1);
  const stranger = others.find((shape) => shapeText(shape.slice(0, -1)) !== shapeText(outer));
  if (first === undefined || first.length === 0 || stranger !== undefined) {
    throw new EngineError("shape_mismatch", {
      op: "parallel",
      layer: layerName,
      expected: "branches that end in the same shape but for the last dimension",
      got: outputs.map(({ value }) => shapeText(value.shape)).join(" and "),
      hint: 'Give convolutions "padding":"same", or end each branch with global_max_pool.',
    });
  }
  return [...outer, outputs.reduce((sum, { value }) => sum + value.shape.at(-1)!, 0)];
}
