// Optimizer updates of one parameter θ with gradient g; η is the step's learning rate, t its number, λ the weight decay.
// Formulas and sources stand in optimizers/, one file each. Scalars of a step are computed in float64 and rounded once.
// All but decoupled adam begin with   g ← g + λ·θ
// sgd       v ← μ·v + g;  θ ← θ − η·v   (nesterov: θ ← θ − η·(g + μ·v))
// adam      m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
//           decoupled: first θ ← θ·(1 − η·λ), and g stays as it is
// rmsprop   v ← αv + (1−α)g²;  u = g/(√v + ε);  b ← μ·b + u;  θ ← θ − η·b   (without momentum b = u)
// adagrad   s ← s + g²;  θ ← θ − η·g/(√s + ε)
import type { Family, Round } from "./family.ts";

export function optimizerKernels(round: Round): Family<"sgd" | "adam" | "rmsprop" | "adagrad"> {
  const decayed = (g: number, decay: number, theta: number): number =>
    decay === 0 ? g : round(g + round(decay * theta));

  return {
    sgd: (operation, memory) => {
      const [theta, g] = [memory.view(operation.parameter), memory.view(operation.gradient)];
      const velocity = operation.velocity === null ? null : memory.view(operation.velocity);
      const [momentum, decay] = [round(operation.momentum), round(operation.weightDecay)];
      return (step) => {
        const rate = round(step.learningRate);
        for (let i = 0; i < theta.length; i++) {
          let change = decayed(g[i], decay, theta[i]);
          if (velocity !== null) {
            const v = round(round(momentum * velocity[i]) + change);
            velocity[i] = v;
            change = operation.nesterov ? round(change + round(momentum * v)) : v;
          }
          theta[i] = round(theta[i] - round(rate * change));
        }
      };
    },
    adam: (operation, memory) => {
      const [theta, g] = [memory.view(operation.parameter), memory.view(operation.gradient)];
      const [m, v] = [memory.view(operation.m), memory.view(operation.v)];
      const { decoupled } = operation;
      const [beta1, beta2] = [round(operation.beta1), round(operation.beta2)];
      const [rest1, rest2] = [round(1 - operation.beta1), round(1 - operation.beta2)];
      const epsilon = round(operation.epsilon);
      const decay = decoupled ? 0 : round(operation.weightDecay);
      return (step) => {
        const rate = round(step.learningRate / (1 - operation.beta1 ** step.number));
        const root = round(Math.sqrt(1 - operation.beta2 ** step.number));
        const shrink = decoupled ? round(1 - step.learningRate * operation.weightDecay) : 1;
        for (let i = 0; i < theta.length; i++) {
          const gradient = decayed(g[i], decay, theta[i]);
          m[i] = round(round(beta1 * m[i]) + round(rest1 * gradient));
          v[i] = round(round(beta2 * v[i]) + round(rest2 * round(gradient * gradient)));
          const scale = round(round(round(Math.sqrt(v[i])) / root) + epsilon);
          theta[i] = round(round(theta[i] * shrink) - round(rate * round(m[i] / scale)));
        }
      };
    },
    rmsprop: (operation, memory) => {
      const [theta, g, v] = [
        memory.view(operation.parameter),
        memory.view(operation.gradient),
        memory.view(operation.v),
      ];
      const velocity = operation.velocity === null ? null : memory.view(operation.velocity);
      const [alpha, rest] = [round(operation.alpha), round(1 - operation.alpha)];
      const [epsilon, momentum, decay] = [
        round(operation.epsilon),
        round(operation.momentum),
        round(operation.weightDecay),
      ];
      return (step) => {
        const rate = round(step.learningRate);
        for (let i = 0; i < theta.length; i++) {
          const gradient = decayed(g[i], decay, theta[i]);
          v[i] = round(round(alpha * v[i]) + round(rest * round(gradient * gradient)));
          let change = round(gradient / round(round(Math.sqrt(v[i])) + epsilon));
          if (velocity !== null) {
            change = round(round(momentum * velocity[i]) + change);
            velocity[i] = change;
          }
          theta[i] = round(theta[i] - round(rate * change));
        }
      };
    },
    adagrad: (operation, memory) => {
      const [theta, g, sum] = [
        memory.view(operation.parameter),
        memory.view(operation.gradient),
        memory.view(operation.sum),
      ];
      const [epsilon, decay] = [round(operation.epsilon), round(operation.weightDecay)];
      return (step) => {
        const rate = round(step.learningRate);
        for (let i = 0; i < theta.length; i++) {
          const gradient = decayed(g[i], decay, theta[i]);
          sum[i] = round(sum[i] + round(gradient * gradient));
          const change = round(gradient / round(round(Math.sqrt(sum[i])) + epsilon));
          theta[i] = round(theta[i] - round(rate * change));
        }
      };
    },
  };
}
