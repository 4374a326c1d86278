// Data parallelism within a training: n threads over one shared memory, each with its own code, activations and gradients.
// A step:  the leader hands out the batch → each differentiates its rows → barrier → each sums its slice of all gradients
//          [→ barrier → the leader clips → barrier] and updates its slice of all parameters → barrier
// The gradient is that of the whole batch, because every row is weighted by 1/B of the batch. Statistics of a normalisation
// are those of the thread's rows; the leader's are kept, as PyTorch's DistributedDataParallel keeps those of its first rank.
import { BARRIER_WORDS, meet } from "./barrier.ts";
import type { Block, Call, Kernels, Step } from "./kernels/kernels.ts";
import { memoryIn } from "./memory.ts";
import type { Layout, Memory } from "./memory.ts";
import type { Operation } from "./operations.ts";
import { planThread } from "./parallel-plan.ts";
import type { Plan } from "./plan.ts";
import type { Tensor } from "./tensor.ts";

/** What the threads of a network share. It can be posted to a thread, which then follows. */
export interface Team {
  readonly block: Block;
  readonly control: SharedArrayBuffer;
}

const COMMANDS = ["predict", "evaluate", "differentiate", "train"] as const;
/** What the threads can do with a batch; the names of a network's functions say more. */
export type Command = (typeof COMMANDS)[number];

/** The control block: the words of the barrier, then the command, then the step in float64. */
const [COMMAND, WORDS, NUMBERS] = [BARRIER_WORDS, BARRIER_WORDS + 2, 4];

export function createTeam(block: Block): Team {
  return { block, control: new SharedArrayBuffer(4 * WORDS + 8 * NUMBERS) };
}

/** The leader's side: calls that have all threads do something with the batch in memory, and wait until they have. Without
 * followers they wait for ever. */
export function lead(plan: Plan, kernels: Kernels, team: Team): (command: Command) => Call {
  const { words, numbers } = controlOf(team);
  const run = createThread(plan, kernels, team, 0);
  return (command) => (step) => {
    words[COMMAND] = COMMANDS.indexOf(command);
    numbers[0] = step.batchRows;
    numbers[1] = step.learningRate;
    numbers[2] = step.number;
    numbers[3] = step.seed;
    meet(words, plan.threads);
    run(command, step);
  };
}

/** The life of thread number `thread` from 1: does what the leader says, for ever. Whoever started the thread ends it.
 * `plan` and `kernels` are like those of the leader. */
export function follow(plan: Plan, kernels: Kernels, team: Team, thread: number): never {
  const { words, numbers } = controlOf(team);
  const run = createThread(plan, kernels, team, thread);
  const step: Step = { rows: 0, batchRows: 0, firstRow: 0, learningRate: 0, number: 0, seed: 0 };
  for (;;) {
    meet(words, plan.threads);
    step.batchRows = numbers[0];
    step.learningRate = numbers[1];
    step.number = numbers[2];
    step.seed = numbers[3];
    run(COMMANDS[words[COMMAND]], step);
  }
}

/** What one thread does at a command, between the barrier at which it begins and the one at which all are done. */
function createThread(
  plan: Plan,
  kernels: Kernels,
  team: Team,
  thread: number,
): (command: Command, step: Step) => void {
  const { words } = controlOf(team);
  const { threads, rowsPerThread, training } = plan;
  const barrier = (): void => meet(words, threads);
  const memoryWith = (layout: Layout, leading: readonly Tensor[]): Memory =>
    memoryIn(team.block, layout, kernels, plan.lists, thread, leading);
  const bound = (operations: readonly Operation[], memory: Memory): Call => {
    let call: Call | undefined;
    return (step) => {
      call ??= kernels.bind(operations, memory);
      call(step);
    };
  };

  // The leader's statistics are the network's.
  const statistics = plan.parameters.filter(({ gradient }) => gradient === null).map(({ value }) => value);
  const inferring = memoryWith(plan.layout, statistics);
  const [predict, evaluate] = [plan.predict, plan.evaluate].map((list) => bound(list, inferring));
  const ofBatch = (call: Call, otherwise?: Call): Call => {
    return (step) => {
      step.firstRow = thread * rowsPerThread;
      step.rows = Math.min(rowsPerThread, Math.max(0, step.batchRows - step.firstRow));
      if (step.rows > 0) call(step);
      else otherwise?.(step);
    };
  };
  const calls: Record<Command, Call> = {
    predict: ofBatch(predict),
    evaluate: ofBatch(evaluate),
    differentiate: untrained,
    train: untrained,
  };
  if (training !== null) {
    const lists = planThread(plan, training, thread);
    const own = memoryWith(plan.layout, []);
    const summed = memoryWith(
      lists.layout,
      training.parameters.map(({ gradient }) => gradient),
    );
    const differentiate = ofBatch(bound(training.differentiate, own), bound(lists.clear, own));
    const ofAll = (list: readonly Operation[]): Call => bound(list, summed);
    const [sum, clip, update, sumAndUpdate] = [lists.sum, training.clip, lists.update, lists.sumAndUpdate].map(ofAll);
    calls.differentiate = (step) => {
      differentiate(step);
      barrier();
      sum(step);
    };
    const clipped = (step: Step): void => {
      sum(step);
      barrier();
      if (thread === 0) clip(step);
      barrier();
      update(step);
    };
    const learn = training.clip.length > 0 ? clipped : sumAndUpdate;
    calls.train = (step) => {
      differentiate(step);
      barrier();
      learn(step);
    };
  }
  return (command, step) => {
    calls[command](step);
    barrier();
  };
}

function untrained(): never {
  throw new Error("this network was not planned to train");
}

function controlOf({ control }: Team): { readonly words: Int32Array; readonly numbers: Float64Array } {
  return { words: new Int32Array(control, 0, WORDS), numbers: new Float64Array(control, 4 * WORDS, NUMBERS) };
}
