// Inverted dropout. Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, 2014.
// draw_mask   mask_i = 0 with probability rate, else 1/(1 − rate): element i of the batch takes number i of its stream
// dropout     the same, and y = x ⊙ mask
import { createGenerator, restart, skip, uniform } from "../../random.ts";
import { activeCount } from "../../tensor.ts";
import type { Memory } from "../../memory.ts";
import type { OperationOf } from "../../operations.ts";
import type { Call } from "../kernels.ts";
import type { Family, Round } from "./family.ts";

export function dropoutKernels(round: Round): Family<"draw_mask" | "dropout"> {
  const drawing = ({ rate, stream, mask }: OperationOf<"draw_mask" | "dropout">, memory: Memory): Call => {
    const factors = memory.view(mask);
    const kept = round(1 / (1 - rate));
    const generator = createGenerator(0, "dropout");
    return (step) => {
      restart(generator, step.seed, "dropout", stream, step.number);
      skip(generator, step.firstRow * mask.rowSize);
      const count = activeCount(mask, step.rows);
      for (let i = 0; i < count; i++) factors[i] = uniform(generator) < rate ? 0 : kept;
    };
  };

  return {
    draw_mask: drawing,
    dropout: (operation, memory) => {
      const draw = drawing(operation, memory);
      const [x, mask, y] = [memory.view(operation.x), memory.view(operation.mask), memory.view(operation.y)];
      return (step) => {
        draw(step);
        const count = activeCount(operation.x, step.rows);
        for (let i = 0; i < count; i++) y[i] = round(x[i] * mask[i]);
      };
    },
  };
}
