// Tiny networks: whole epochs of training in one call. What a step of such a network computes takes less time than the
// calls that ask for it, so the step becomes one piece of code with four rows of the batch in the lanes of a vector, and
// shuffling, gathering and tallying join it in WebAssembly. The loop has a memory of its own: parameters, gradients and
// optimizer state, then the scalars of the steps ahead, a tally for each epoch, the order and the data.
import { SUMS } from "../../../metrics.ts";
import { isTensor } from "../../../operations.ts";
import type { Elements, Tensor } from "../../../tensor.ts";
import type { EpochLoop, EpochShape, EpochTraining, Span, Step } from "../../kernels.ts";
import { instantiateModule } from "../../wasm/module-builder.ts";
import { webAssembly } from "../../wasm/web-assembly.ts";
import type { CompiledModule } from "../../wasm/web-assembly.ts";
import { updateOf } from "../optimizers.ts";
import { createStepScalars } from "../step-scalars.ts";
import { EPOCHS_AHEAD, orderBytes } from "./shuffle.ts";
import { epochModule, SCALARS_POINTER } from "./epoch-code.ts";
import { lineOf } from "./parameters.ts";
import type { Line } from "./parameters.ts";
import { recogniseTinyStep, rowFloats } from "./recognition.ts";
import type { TinyStep } from "./recognition.ts";

const PAGE = 65536;
const ALIGNMENT = 64;
/** Optimizers have at most three numbers that follow from the step. */
const SCALAR_BYTES_PER_STEP = 16;

/** Estimated duration of a step: a share that does not depend on its size, and one for each parameter and row. */
const [STEP_NS, PRODUCT_NS, SPAN_NS] = [50, 0.5, 1e6];
const MOST_STEPS = 4096;
/** The sums of so many epochs stay in the nearest caches. */
const MOST_EPOCHS = 512;

/** The loop for a network of vectors, dense layers and at most 1,000 parameters; null for all others. */
export function createEpochLoop(training: EpochTraining, fused: boolean): EpochLoop | null {
  const step = recogniseTinyStep(training);
  if (step === null) return null;
  const { batchSize, seed, rows } = training;
  const line = lineOf(training.parameters.map(({ value }) => value));
  const places = layOut(training, step, line);
  const { mostSteps, mostEpochs, sums } = places;
  const memory = new webAssembly.Memory({ initial: places.pages, maximum: places.pages });
  const { buffer } = memory;

  const scalars = createStepScalars(buffer, places.scalars, SCALARS_POINTER, SCALAR_BYTES_PER_STEP * mostSteps);
  const update = updateOf(step.updates[0], scalars.scalar);
  const module = recallModule(keyOf(training, fused), () =>
    epochModule({
      description: {
        ...training,
        ...step,
        update,
        line,
        gradientPlaces: lineOf(step.gradients).places,
        fused,
        places,
      },
      order: { address: places.order, rows, rowBytes: 4 * rowFloats(training) },
      shuffle: training.shuffle,
      batchSize,
      sumBytes: 8 * sums,
      arranged: places.arranged,
    }).compile(),
  );
  const { run } = instantiateModule(module, memory);
  // No epoch from 1 on is close to it.
  new Int32Array(buffer, places.arranged, 1)[0] = -EPOCHS_AHEAD;
  const twins = twinsOf(training, step, line, { ...places, buffer });
  fillRows(training, { ...places, buffer });
  const parameters = new Float32Array(buffer, places.parameters, line.elements);

  // One record for all steps.
  const now: Step = { rows: batchSize, batchRows: batchSize, firstRow: 0, learningRate: 0, number: 0, seed };
  const writeScalars = (stepsDone: number, count: number, constantRate: boolean): void => {
    for (let index = 0; index < count; index++) {
      if (index === 0 || !constantRate) now.learningRate = training.learningRate(stepsDone + index);
      now.number = stepsDone + index + 1;
      scalars.update(now, index);
    }
  };
  const tallies = new Float64Array(buffer, places.tallies, sums * mostEpochs);
  /** False when an epoch's loss, or a parameter after the last of them, is not a finite number. */
  const trainEpochs = ({ epoch, firstRow, endRow, stepsDone, constantRate }: Span, epochs: number): boolean => {
    for (const { inNetwork, inLine } of twins) copy(inNetwork, inLine);
    const same = constantRate && !update.numbered;
    writeScalars(stepsDone, same ? 1 : epochs * Math.ceil((endRow - firstRow) / batchSize), constantRate);
    const stride = same ? 0 : 4 * scalars.slots();
    const seedWords = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
    run(epochs, epoch, firstRow, endRow, places.tallies, places.scalars, stride, ...seedWords);
    return areFinite(tallies, SUMS.LOSS, sums, epochs) && areFinite(parameters, 0, 1, parameters.length);
  };
  return {
    mostSteps,
    mostEpochs,
    tallies,
    run: (span) => (trainEpochs(span, span.epochs) ? span.epochs : goodEpochs(span, trainEpochs)),
    commit() {
      for (const { inNetwork, inLine } of twins) copy(inLine, inNetwork);
    },
  };
}

/** The number of epochs with which the span ends finite. A parameter that is not finite stays so, whatever the optimizer
 * adds to it: so the span is halved, and trained again up to there, until the first bad epoch is found. */
function goodEpochs(span: Span, trainEpochs: (span: Span, epochs: number) => boolean): number {
  let [good, bad] = [0, span.epochs];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (trainEpochs(span, middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether `count` numbers are finite, which begin at `start` and lie `stride` apart. */
function areFinite(numbers: Float32Array | Float64Array, start: number, stride: number, count: number): boolean {
  for (let index = 0; index < count; index++) if (!Number.isFinite(numbers[start + index * stride])) return false;
  return true;
}

/** Bytes of the memory that the loop would have; 0 where there is none. */
export function epochLoopBytes(shape: EpochShape): number {
  const step = recogniseTinyStep(shape);
  return step === null ? 0 : PAGE * layOut(shape, step, lineOf(shape.parameters.map(({ value }) => value))).pages;
}

/** The code of the trainings before: jobs that differ only in data, seed or learning rate share it, and V8's optimised form
 * of it. Writing and compiling it takes milliseconds, as long as thousands of steps. */
const MODULES = new Map<string, CompiledModule>();
const MOST_MODULES = 16;

function recallModule(key: string, compile: () => CompiledModule): CompiledModule {
  const module = MODULES.get(key) ?? compile();
  // The one used longest ago comes first, and goes first.
  MODULES.delete(key);
  MODULES.set(key, module);
  for (const oldest of MODULES.keys()) {
    if (MODULES.size <= MOST_MODULES) break;
    MODULES.delete(oldest);
  }
  return module;
}

/** All that the code follows from. Tensors are numbered, as two plans of the same network have different ones. */
function keyOf(training: EpochTraining, fused: boolean): string {
  const { step, parameters, input, output, t, loss, batchSize, shuffle, rows, rule } = training;
  const numbers = new Map<Tensor, number>();
  const described = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(described);
    if (!isTensor(value)) return value;
    const number = numbers.get(value.storage) ?? numbers.size;
    numbers.set(value.storage, number);
    return [number, value.shape];
  };
  const fields = (record: object): unknown[] => Object.entries(record).map(([name, value]) => [name, described(value)]);
  const places = parameters.map(({ value, gradient }) => ({ value, gradient }));
  const records = [...places, { input, output, t, loss }, ...step].map(fields);
  return JSON.stringify([fused, batchSize, shuffle, rows, rule, records]);
}

/** Steps that take about a millisecond. */
function stepsAhead(parameters: number, batchSize: number): number {
  const steps = SPAN_NS / (STEP_NS + PRODUCT_NS * parameters * batchSize);
  return Math.max(1, Math.min(MOST_STEPS, Math.floor(steps)));
}

/** The loop's own memory, in byte addresses. */
interface Places {
  /** The number of the first epoch whose order stands in memory. */
  readonly arranged: number;
  readonly parameters: number;
  readonly gradients: number;
  readonly state: readonly number[];
  readonly scalars: number;
  readonly tallies: number;
  readonly order: number;
  readonly data: number;
  readonly pages: number;
  /** What there is room for, and the sums of one epoch. */
  readonly mostSteps: number;
  readonly mostEpochs: number;
  readonly sums: number;
}

function layOut(shape: EpochShape, { state }: TinyStep, line: Line): Places {
  const mostSteps = stepsAhead(line.elements, shape.batchSize);
  const mostEpochs = Math.min(MOST_EPOCHS, mostSteps);
  const sums = SUMS.COLUMNS + shape.output.rowSize * SUMS.PER_COLUMN;
  let end = 0;
  const place = (bytes: number): number => {
    const start = end;
    end += ALIGNMENT * Math.ceil(bytes / ALIGNMENT);
    return start;
  };
  const lineBytes = 16 * line.groups;
  const places = {
    arranged: place(4),
    parameters: place(lineBytes),
    gradients: place(lineBytes),
    state: state[0].map(() => place(lineBytes)),
    scalars: place(SCALAR_BYTES_PER_STEP * mostSteps),
    tallies: place(8 * sums * mostEpochs),
    order: place((shape.shuffle ? EPOCHS_AHEAD : 1) * orderBytes(shape.rows)),
    data: place(4 * rowFloats(shape) * shape.rows),
  };
  return { ...places, pages: Math.ceil(end / PAGE), mostSteps, mostEpochs, sums };
}

/** The places in the memory they were laid out for. */
type PlacesIn = Places & { readonly buffer: ArrayBufferLike };

/** The same numbers in the network's memory and in the loop's. */
interface Twin {
  readonly inNetwork: Elements;
  readonly inLine: Elements;
}

function twinsOf({ parameters, memory }: EpochTraining, { state }: TinyStep, line: Line, places: PlacesIn): Twin[] {
  const twin = (tensor: Tensor, start: number, index: number): Twin => {
    const inNetwork = memory.view(tensor);
    const offset = 4 * line.places.get(parameters[index].value.storage)!;
    return { inNetwork, inLine: new Float32Array(places.buffer, start + offset, inNetwork.length) };
  };
  return parameters.flatMap(({ value }, index) => [
    twin(value, places.parameters, index),
    ...state[index].map((tensor, which) => twin(tensor, places.state[which], index)),
  ]);
}

/** Writes the data, row by row its inputs and its targets, and the order in which it comes unshuffled. */
function fillRows(training: EpochTraining, { buffer, order, data }: PlacesIn): void {
  const { inputs, targets, rows, input, t } = training;
  const width = rowFloats(training);
  const into = new Float32Array(buffer, data, width * rows);
  const offsets = new Uint32Array(buffer, order, rows);
  for (let row = 0; row < rows; row++) {
    offsets[row] = 4 * width * row;
    for (let i = 0; i < input.rowSize; i++) into[row * width + i] = inputs[row * input.rowSize + i];
    for (let i = 0; i < t.rowSize; i++) into[row * width + input.rowSize + i] = targets[row * t.rowSize + i];
  }
}

function copy(from: Elements, to: Elements): void {
  for (let i = 0; i < to.length; i++) to[i] = from[i];
}
