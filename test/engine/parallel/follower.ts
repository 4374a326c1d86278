// A thread that follows, for the tests.
import { workerData } from "node:worker_threads";
import { createKernels } from "../../../src/engine/kernels/tiers.ts";
import type { Tier } from "../../../src/engine/kernels/tiers.ts";
import { follow } from "../../../src/engine/parallel.ts";
import type { Team } from "../../../src/engine/parallel.ts";
import { planNetwork } from "../../../src/engine/plan.ts";
import type { NetworkSpec, PlanOptions } from "../../../src/engine/plan.ts";

export interface FollowerInput {
  readonly spec: NetworkSpec;
  readonly options: PlanOptions;
  readonly tier: Tier;
  readonly team: Team;
  readonly thread: number;
}

const { spec, options, tier, team, thread } = workerData as FollowerInput;
follow(planNetwork(spec, options), createKernels(tier, options.precision), team, thread);
