// Data parallelism within a training: n threads over one shared memory, each with its own code, activations and gradients.
// A step:  the leader hands out the batch → each differentiates its rows → barrier → each sums its slice of all gradients
//          [→ barrier → the leader clips → barrier] and updates its slice of all parameters → barrier
// The gradient is that of the whole batch, because every row is weighted by 1/B of the batch. Statistics of a normalisation
// are those of the thread's rows; the leader's are kept, as PyTorch's DistributedDataParallel keeps those of its first rank.
import { BARRIER_WORDS, meet } from "./barrier.ts";
import type { Block, Call, Kernels, Step } from "./kernels/kernels.ts";
import { isTrained } from "./layers/layer.ts";
import { memoryIn } from "./memory.ts";
import type { Layout } from "./memory.ts";
import type { Operation } from "./operations.ts";
import { planThread } from "./parallel-plan.ts";
import type { Plan } from "./plan.ts";
import type { Tensor } from "./tensor.ts";
import type { TrainingPlan } from "./training-plan.ts";

/** What the threads of a network share. It can be posted to a thread, which then follows. */
export interface Team {
  readonly block: Block;
  readonly control: SharedArrayBuffer;
}

const COMMANDS = ["predict", "evaluate", "differentiate", "train"] as const;
/** What the threads can do with a batch; the names of a network's functions say more. */
export type Command = (typeof COMMANDS)[number];

/** The control block: the words of the barrier, then the command and the number of the plan, then the step in float64. */
const [COMMAND, PLAN, WORDS, NUMBERS] = [BARRIER_WORDS, BARRIER_WORDS + 1, BARRIER_WORDS + 2, 4];

export function createTeam(block: Block): Team {
  return { block, control: new SharedArrayBuffer(4 * WORDS + 8 * NUMBERS) };
}

/** The leader's side: calls that have all threads do something with the batch in memory, and wait until they have. Without
 * followers they wait for ever. `number` is 0 for the network's plan, from 1 on for its shorter ones. */
export function lead(plan: Plan, kernels: Kernels, team: Team, number = 0): (command: Command) => Call {
  const { words, numbers } = controlOf(team);
  const run = createThread(plan, kernels, team, 0);
  return (command) => (step) => {
    words[COMMAND] = COMMANDS.indexOf(command);
    words[PLAN] = number;
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
  const runs = [plan, ...plan.shorter].map((one) => createThread(one, kernels, team, thread));
  const step: Step = { rows: 0, batchRows: 0, firstRow: 0, learningRate: 0, number: 0, seed: 0 };
  for (;;) {
    meet(words, plan.threads);
    step.batchRows = numbers[0];
    step.learningRate = numbers[1];
    step.number = numbers[2];
    step.seed = numbers[3];
    runs[words[PLAN]](COMMANDS[words[COMMAND]], step);
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
  const member: Member = {
    plan,
    thread,
    barrier: () => meet(words, plan.threads),
    bind: (operations, { layout, leading }) => {
      // Bound at first use: a network that is only trained, or only predicts, has no code for the other.
      let call: Call | undefined;
      return (step) => {
        call ??= kernels.bind(operations, memoryIn(team.block, layout, kernels, plan.lists, thread, leading));
        call(step);
      };
    },
  };
  const { training } = plan;
  const calls = { ...inferenceCalls(member), ...(training === null ? UNTRAINED : trainingCalls(member, training)) };
  return (command, step) => {
    calls[command](step);
    member.barrier();
  };
}

/** A thread among the others. */
interface Member {
  readonly plan: Plan;
  readonly thread: number;
  /** Waits for all threads. */
  barrier(): void;
  bind(operations: readonly Operation[], sight: Sight): Call;
}

/** What a thread sees of the memory: `leading` are tensors that it sees where the first thread has them. */
interface Sight {
  readonly layout: Layout;
  readonly leading: readonly Tensor[];
}

function inferenceCalls(member: Member): Record<"predict" | "evaluate", Call> {
  const { plan, bind } = member;
  // The leader's statistics are the network's.
  const leading = plan.parameters.filter((parameter) => !isTrained(parameter)).map(({ value }) => value);
  const sight = { layout: plan.layout, leading };
  return {
    predict: ofOwnRows(member, bind(plan.predict, sight)),
    evaluate: ofOwnRows(member, bind(plan.evaluate, sight)),
  };
}

function trainingCalls(member: Member, training: TrainingPlan): Record<"differentiate" | "train", Call> {
  const { plan, thread, barrier, bind } = member;
  const lists = planThread(plan, training, thread);
  const own: Sight = { layout: plan.layout, leading: [] };
  const summed: Sight = { layout: lists.layout, leading: training.parameters.map(({ gradient }) => gradient) };
  const differentiate = ofOwnRows(member, bind(training.differentiate, own), bind(lists.clear, own));
  const [sum, clip, update] = [lists.sum, training.clip, lists.update].map((list) => bind(list, summed));
  const clipped = (step: Step): void => {
    sum(step);
    barrier();
    if (thread === 0) clip(step);
    barrier();
    update(step);
  };
  const learn = training.clip.length > 0 ? clipped : bind(lists.sumAndUpdate, summed);
  return {
    differentiate(step) {
      differentiate(step);
      barrier();
      sum(step);
    },
    train(step) {
      differentiate(step);
      barrier();
      learn(step);
    },
  };
}

/** A call for the thread's rows of the batch; `otherwise` where it has none. */
function ofOwnRows({ plan: { rowsPerThread }, thread }: Member, call: Call, otherwise?: Call): Call {
  return (step) => {
    step.firstRow = thread * rowsPerThread;
    step.rows = Math.min(rowsPerThread, Math.max(0, step.batchRows - step.firstRow));
    if (step.rows > 0) call(step);
    else otherwise?.(step);
  };
}

const untrained = (): never => {
  throw new Error("this network was not planned to train");
};
const UNTRAINED = { differentiate: untrained, train: untrained };

function controlOf({ control }: Team): { readonly words: Int32Array; readonly numbers: Float64Array } {
  return { words: new Int32Array(control, 0, WORDS), numbers: new Float64Array(control, 4 * WORDS, NUMBERS) };
}
