// What a training is watched by, where it is asked to be. Too rare to be generated: these run on every tier.
// gradient_norm   norm = √Σ g²           over all gradients, summed in float64
// mark_active     active_j = 1 where any y_j > 0, else what it was     y (B,…,n)  active (n)
import { activeCount } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";

export function diagnosticKernels(round: Round): Family<"gradient_norm" | "mark_active"> {
  return {
    gradient_norm: (operation, memory) => {
      const gradients = operation.gradients.map((tensor) => memory.view(tensor));
      const norm = memory.view(operation.norm);
      return () => {
        let squares = 0;
        for (const g of gradients) for (let i = 0; i < g.length; i++) squares += g[i] * g[i];
        norm[0] = round(Math.sqrt(squares));
      };
    },
    mark_active: (operation, memory) => {
      const [y, active] = [memory.view(operation.y), memory.view(operation.active)];
      const units = active.length;
      return ({ rows }) => {
        const count = activeCount(operation.y, rows);
        for (let start = 0; start < count; start += units) {
          for (let unit = 0; unit < units; unit++) if (y[start + unit] > 0) active[unit] = 1;
        }
      };
    },
  };
}
