// A thread that computes its part of every batch of a training, as the training thread says, until it is ended.
import { workerData } from "node:worker_threads";
import { recallKernels } from "../engine/kernels/tiers.ts";
import { follow } from "../engine/parallel.ts";
import { planNetwork } from "../engine/plan.ts";
import type { FollowerInput } from "./thread-protocol.ts";

const { network, options, kernels, kernelsName, team, thread } = workerData as FollowerInput & { thread: number };
follow(planNetwork(network, options), recallKernels(kernelsName, kernels, options.precision), team, thread);
