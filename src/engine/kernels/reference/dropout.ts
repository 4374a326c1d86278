// Inverted dropout. Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, 2014.
// mask_i = 0 with probability rate, else 1/(1 − rate);  y = x ⊙ mask. Element i of the batch takes number i of its stream.
import { createGenerator, restart, skip, uniform } from "../../random.ts";
import { activeCount } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";

export function dropoutKernels(round: Round): Family<"dropout"> {
  return {
    dropout: (operation, memory) => {
      const { rate, stream } = operation;
      const [x, mask, y] = [memory.view(operation.x), memory.view(operation.mask), memory.view(operation.y)];
      const kept = round(1 / (1 - rate));
      const generator = createGenerator(0, "dropout");
      return (step) => {
        restart(generator, step.seed, "dropout", stream, step.number);
        skip(generator, step.firstRow * operation.x.rowSize);
        const count = activeCount(operation.x, step.rows);
        for (let i = 0; i < count; i++) {
          mask[i] = uniform(generator) < rate ? 0 : kept;
          y[i] = round(x[i] * mask[i]);
        }
      };
    },
  };
}
