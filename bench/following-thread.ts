// A thread that computes its part of the batches of a measured training.
import { workerData } from "node:worker_threads";
import { recallKernels } from "../src/engine/kernels/tiers.ts";
import type { Tier } from "../src/engine/kernels/tiers.ts";
import { follow } from "../src/engine/parallel.ts";
import type { Team } from "../src/engine/parallel.ts";
import { planNetwork } from "../src/engine/plan.ts";
import type { NetworkSpec, PlanOptions } from "../src/engine/plan.ts";

export interface FollowerInput {
  readonly spec: NetworkSpec;
  readonly options: PlanOptions;
  readonly tier: Tier;
  readonly kernelsName: string;
  readonly team: Team;
  readonly thread: number;
}

const { spec, options, tier, kernelsName, team, thread } = workerData as FollowerInput;
follow(planNetwork(spec, options), recallKernels(kernelsName, tier, options.precision), team, thread);
