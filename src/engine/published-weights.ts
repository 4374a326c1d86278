// The weights that a network is judged and published by: those of its last step, or their average where one is kept.
import { copyElements } from "./data.ts";
import type { Network } from "./network.ts";
import type { Elements } from "./tensor.ts";

export interface PublishedWeights {
  /** Of each parameter, statistics among them; windows into the network's memory. */
  readonly values: readonly Elements[];
  /** Runs `work` with the network holding them. */
  during<Result>(work: () => Result): Result;
}

export function publishedWeights({ plan, memory }: Network): PublishedWeights {
  const weights = plan.parameters.map(({ value }) => memory.view(value));
  const averages = plan.training?.averages?.map((tensor) => memory.view(tensor)) ?? null;
  if (averages === null) return { values: weights, during: (work) => work() };
  const trained = weights.map((values) => values.slice());
  return {
    values: averages,
    during(work) {
      copyAll(weights, trained);
      copyAll(averages, weights);
      const result = work();
      copyAll(trained, weights);
      return result;
    },
  };
}

/** The network's parameters become `from`. */
export function putWeights({ plan, memory }: Network, from: readonly Elements[]): void {
  plan.parameters.forEach(({ value }, index) => memory.view(value).set(from[index]));
}

function copyAll(from: readonly Elements[], to: readonly Elements[]): void {
  for (let index = 0; index < from.length; index++) copyElements(from[index], to[index]);
}
