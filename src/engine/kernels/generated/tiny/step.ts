// The training step of a tiny network as one piece of code: gather the rows of a batch, forward, loss, backward, gradients
// quad by quad, then clipping and the optimizer over the line of all parameters.
// A network of few parameters has them and their gradients in registers, and its quads follow each other in one
// function; of a larger one both stand in memory, and each quad is a call, which keeps the code small.
import type { CorrectnessRule } from "../../../metrics.ts";
import type { OperationOf } from "../../../operations.ts";
import type { Tensor } from "../../../tensor.ts";
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32, v128 } from "../../wasm/instructions.ts";
import type { I32 } from "../../wasm/instructions.ts";
import type { ModuleBuilder } from "../../wasm/module-builder.ts";
import { CLIPPING_EMITTERS } from "../clipping.ts";
import { emitElementLoop } from "../element-loop.ts";
import type { Update } from "../optimizers.ts";
import { accumulate, element, groupsInLocals, groupsInMemory } from "./parameters.ts";
import type { Groups, Line } from "./parameters.ts";
import { emitQuadOperation } from "./quad-operations.ts";
import type { QuadOperation } from "./quad-operations.ts";
import { transpose } from "./quad.ts";
import type { Column, Quad } from "./quad.ts";
import { emitTally } from "./tally.ts";

export interface StepDescription {
  readonly operations: readonly QuadOperation[];
  readonly clipping: OperationOf<"clip_norm" | "clip_value"> | undefined;
  readonly update: Update;
  readonly line: Line;
  /** Places of the gradients: the same as those of their parameters. */
  readonly gradientPlaces: ReadonlyMap<Tensor, number>;
  readonly input: Tensor;
  readonly output: Tensor;
  readonly t: Tensor;
  readonly loss: Tensor;
  readonly rule: CorrectnessRule | null;
  readonly fused: boolean;
  /** Byte addresses. */
  readonly places: {
    readonly parameters: number;
    readonly gradients: number;
    readonly state: readonly number[];
    readonly data: number;
  };
}

/** Up to so many groups of four, parameters and gradients stay in registers. */
const MOST_IN_REGISTERS = 8;
const BYTES = 16;

/** Where a step finds what changes. */
export interface StepLocals {
  /** Address of the place in the order of the batch's first row. Moved to the end of the batch. */
  readonly at: Local<"i32">;
  readonly sums: Local<"i32">;
}

export interface StepEmitter {
  readonly parameters: Groups;
  /** Loads what stays in registers; once, at the beginning of a call. */
  begin(): void;
  /** A step over `batch` rows. */
  step(batch: number): void;
  /** Stores what stayed in registers. */
  end(): void;
}

export function stepEmitter(
  module: ModuleBuilder,
  f: FunctionBuilder,
  description: StepDescription,
  { at, sums }: StepLocals,
): StepEmitter {
  const { line, places, clipping } = description;
  const inRegisters = line.groups <= MOST_IN_REGISTERS;
  const locals = (): Column[] => Array.from({ length: line.groups }, () => f.local("v128"));
  const stored = { parameters: groupsInMemory(f, places.parameters), gradients: groupsInMemory(f, places.gradients) };
  const parameters = inRegisters ? groupsInLocals(f, locals()) : stored.parameters;
  const gradients = inRegisters ? groupsInLocals(f, locals()) : stored.gradients;
  const copy = (from: Groups, to: Groups): void => {
    if (inRegisters) for (let group = 0; group < line.groups; group++) to.write(group, from.read(group));
  };

  const quad = (rows: number, batch: number): void => {
    if (inRegisters) emitQuad(f, description, { rows, batch, at, sums, parameters, gradients });
    else {
      const one = module.shared(`quad ${rows} of ${batch}`, ["i32", "i32"], (body) =>
        emitQuad(body, description, {
          rows,
          batch,
          at: body.parameter(0, "i32"),
          sums: body.parameter(1, "i32"),
          parameters: null,
          gradients: groupsInMemory(body, places.gradients),
        }),
      );
      f.call(one, at, sums);
    }
    f.advance(at, 4 * rows);
  };

  return {
    parameters,
    begin: () => copy(stored.parameters, parameters),
    end: () => copy(parameters, stored.parameters),
    step(batch) {
      for (let group = 0; group < line.groups; group++) gradients.write(group, f32x4.const(0));
      const full = batch >>> 2;
      if (full === 1) quad(4, batch);
      if (full > 1) f.countDown(f.local("i32", i32.const(full)), () => quad(4, batch));
      if (batch % 4 > 0) quad(batch % 4, batch);
      if (clipping !== undefined) {
        copy(gradients, stored.gradients);
        emitClipping(module, f, description, clipping);
        copy(stored.gradients, gradients);
      }
      if (inRegisters) updateGroups(f, description, parameters, gradients);
      else updateLine(f, description);
    },
  };
}

interface QuadPlace {
  readonly rows: number;
  readonly batch: number;
  readonly at: I32;
  readonly sums: I32;
  /** Null where single elements are read from memory. */
  readonly parameters: Groups | null;
  readonly gradients: Groups;
}

function emitQuad(f: FunctionBuilder, description: StepDescription, place: QuadPlace): void {
  const { line, gradientPlaces, fused, places, input, output, t, loss, rule } = description;
  const { rows, batch, at, sums, parameters, gradients } = place;
  const columns = new Map<Tensor, readonly Column[]>();
  const terms = { x: [] as Column[], dy: [] as Column[] };
  const quad: Quad = {
    f,
    fused,
    rows,
    batch,
    one: f.local("v128", f32x4.const(1)),
    columns: (tensor) => columns.get(tensor.storage)!,
    put: (tensor, values) => void columns.set(tensor.storage, values),
    parameter: (tensor, i) => element(parameters, places.parameters, line.places.get(tensor.storage)! + i),
    gradient(tensor, i, x, dy) {
      const index = gradientPlaces.get(tensor.storage)! + i;
      terms.x[index] = x;
      terms.dy[index] = dy;
    },
  };
  const row = gather(f, at, rows, places.data, input.rowSize + t.rowSize);
  quad.put(input, row.slice(0, input.rowSize));
  quad.put(t, row.slice(input.rowSize));
  for (const operation of description.operations) emitQuadOperation(operation, quad);
  accumulate(f, line, terms, gradients, rows, fused);
  emitTally(quad, sums, rule, quad.columns(loss)[0], quad.columns(output), quad.columns(t));
}

/** The columns of up to four rows whose byte offsets stand at `at`. Rows are whole vectors: inputs, then targets. */
function gather(f: FunctionBuilder, at: I32, rows: number, data: number, width: number): Column[] {
  const offsets = Array.from({ length: rows }, (_, row) => f.local("i32", i32.load(at, 4 * row)));
  const columns: Column[] = [];
  for (let first = 0; first < width; first += 4) {
    const vectors = [0, 1, 2, 3].map((row) =>
      f.local("v128", v128.load(offsets[row < rows ? row : 0], data + 4 * first)),
    );
    columns.push(...transpose(f, vectors, Math.min(4, width - first)));
  }
  return columns;
}

function emitClipping(
  module: ModuleBuilder,
  f: FunctionBuilder,
  { gradientPlaces, places }: StepDescription,
  operation: OperationOf<"clip_norm" | "clip_value">,
): void {
  const address = (tensor: Tensor): I32 => i32.const(places.gradients + 4 * gradientPlaces.get(tensor.storage)!);
  const emission = { module, f, address };
  if (operation.kind === "clip_norm") CLIPPING_EMITTERS.clip_norm(operation, emission);
  else CLIPPING_EMITTERS.clip_value(operation, emission);
}

function updateGroups(
  f: FunctionBuilder,
  { update, line, places }: StepDescription,
  parameters: Groups,
  gradients: Groups,
): void {
  const uniforms = update.uniforms.map((uniform) => f.local("v128", f32x4.splat(uniform)));
  const state = places.state.map((address) => groupsInMemory(f, address));
  for (let group = 0; group < line.groups; group++) {
    const inputs = [parameters, gradients, ...state].map((groups) => f.local("v128", groups.read(group)));
    const results = update.compute(f, inputs, uniforms).map((result) => f.local("v128", result));
    [parameters, ...state].forEach((groups, index) => groups.write(group, results[index]));
  }
}

function updateLine(f: FunctionBuilder, { update, line, places }: StepDescription): void {
  const state = places.state.map((address) => i32.const(address));
  const theta = i32.const(places.parameters);
  emitElementLoop(f, {
    count: i32.const((BYTES / 4) * line.groups),
    inputs: [theta, i32.const(places.gradients), ...state],
    outputs: [theta, ...state],
    uniforms: update.uniforms,
    compute: update.compute,
  });
}
