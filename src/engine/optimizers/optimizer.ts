// What an optimizer is: the state it keeps for one parameter and the operation that updates it.
// The learning rate η and the step number t come from the step; weight decay λ is L2 (g ← g + λ·θ) except in adamw.
// Biases are decayed like weights, which is PyTorch's convention.
import type { Operation } from "../operations.ts";
import type { Tensor } from "../tensor.ts";

export interface OptimizerDefinition<Spec> {
  /** `state(name)` makes a tensor shaped like θ, zero at the start and part of every checkpoint. */
  plan(spec: Spec, parameter: Tensor, gradient: Tensor, state: (name: string) => Tensor): Operation;
}
