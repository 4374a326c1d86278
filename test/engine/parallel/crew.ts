// How the tests make networks of several threads: the caller leads, worker threads of Node follow.
import { Worker } from "node:worker_threads";
import { createKernels } from "../../../src/engine/kernels/tiers.ts";
import type { Tier } from "../../../src/engine/kernels/tiers.ts";
import { instantiate } from "../../../src/engine/network.ts";
import type { Network } from "../../../src/engine/network.ts";
import { planNetwork } from "../../../src/engine/plan.ts";
import type { NetworkSpec, PlanOptions } from "../../../src/engine/plan.ts";
import type { FollowerInput } from "./follower.ts";

export interface Crew {
  readonly network: Network;
  readonly workers: readonly Worker[];
  end(): Promise<void>;
}

/** A network with all the threads its options ask for. */
export function crewOf(spec: NetworkSpec, options: PlanOptions, tier: Tier): Crew {
  const network = instantiate(planNetwork(spec, options), createKernels(tier, options.precision));
  const { team } = network;
  const followers = team === null ? [] : Array.from({ length: network.plan.threads - 1 }, (_, index) => index + 1);
  const workers = followers.map(
    (thread) =>
      new Worker(new URL("./follower.ts", import.meta.url), {
        workerData: { spec, options, tier, team: team!, thread } satisfies FollowerInput,
      }),
  );
  return {
    network,
    workers,
    end: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
