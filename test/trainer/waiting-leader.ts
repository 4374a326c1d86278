// A training thread that asks for a follower which will die, and waits for it as one in the middle of a step does.
import { parentPort } from "node:worker_threads";
import { meet } from "../../src/engine/barrier.ts";
import { createTeam } from "../../src/engine/parallel.ts";
import type { FollowerInput, ThreadMessage } from "../../src/trainer/thread-protocol.ts";

const tile = { rows: 4, columns: 8 };
const follower: FollowerInput = {
  network: { input_shape: [0], layers: [] },
  options: { batchCapacity: 8, precision: "float32", threads: 2 },
  kernels: { name: "reference", tile, separateTile: tile },
  kernelsName: "reference-float32",
  team: createTeam({ buffer: new SharedArrayBuffer(8) }),
};
const port = parentPort!;
port.postMessage({ kind: "followers_wanted", count: 1, follower } satisfies ThreadMessage);
meet(new Int32Array(follower.team.control), 2);
