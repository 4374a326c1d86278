// The running average of a parameter, in step t of a training: a ← a + r·(θ − a), r = (1−β)/(1−βᵗ).
// The first step makes a = θ, so a is the average of all θ so far, each weighted by β less than the one after it.
import type { Family, Round } from "./family.ts";

export function averagingKernels(round: Round): Family<"average"> {
  return {
    average: (operation, memory) => {
      const [theta, a] = [memory.view(operation.parameter), memory.view(operation.average)];
      const { decay } = operation;
      return ({ number }) => {
        const rate = round((1 - decay) / (1 - decay ** number));
        for (let i = 0; i < theta.length; i++) a[i] = round(a[i] + round(rate * round(theta[i] - a[i])));
      };
    },
  };
}
