// One function of a module: parameters, locals, and statements in the order they were added.
import { unsigned, vector } from "./encoding.ts";
import type { Code } from "./encoding.ts";
import { i32, i32x4, memory, v128 } from "./instructions.ts";
import type { I32, Statement, V128, Value, ValueType } from "./instructions.ts";

export const TYPE_BYTES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

const NO_RESULT = 0x40;
const END = 0x0b;

/** A local variable; as a value it is what it holds when the expression runs. */
export interface Local<Type extends ValueType = ValueType> extends Value<Type> {
  readonly index: number;
}

export class FunctionBuilder {
  /** Position in the module. */
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  /** Locals of scopes that ended, and those of the scope that is being emitted. */
  readonly #free: Local[] = [];
  #scope: Local[] = [];
  #body: (number | Code)[] = [];
  readonly #pinned = new Map<string, Local<"v128">>();
  readonly #prologue: Code[] = [];

  constructor(index: number, parameters: readonly ValueType[]) {
    this.index = index;
    this.parameters = parameters;
  }

  /** The parameter at `position`. */
  parameter<Type extends ValueType>(position: number, type: Type): Local<Type> {
    if (this.parameters[position] !== type) throw new Error(`parameter ${position} is not ${type}`);
    return localAt(position, type);
  }

  /** A new local, zero at the start; with `initial`, set to it here. */
  local<Type extends ValueType>(type: Type, initial?: Value<Type>): Local<Type> {
    const free = initial === undefined ? -1 : this.#free.findIndex((local) => local.type === type);
    const local = free === -1 ? this.#newLocal(type) : (this.#free.splice(free, 1)[0] as Local<Type>);
    this.#scope.push(local);
    if (initial !== undefined) this.set(local, initial);
    return local;
  }

  #newLocal<Type extends ValueType>(type: Type): Local<Type> {
    this.#locals.push(type);
    return localAt(this.parameters.length + this.#locals.length - 1, type);
  }

  /**
   * Emits `body`, whose locals may be used again by whatever is emitted after it. In a loop V8 hands the last value of every
   * local on to the next turn, needed or not, and leaves vectors in halves where too many are handed on.
   */
  scope(body: () => void): void {
    const outer = this.#scope;
    this.#scope = [];
    body();
    this.#free.push(...this.#scope);
    this.#scope = outer;
  }

  /**
   * A constant in a local that is set where the function begins. V8 makes a vector constant anew at every use, inside
   * loops too, by three instructions; it keeps this one, because it cannot know that what it is joined with is zero.
   */
  pinned(constant: V128): Local<"v128"> {
    if (this.#pinned.size === 0) {
      // No memory has 2³¹ pages.
      this.#pin("zero", i32x4.splat(i32.shr_u(memory.size(), i32.const(31))));
    }
    const key = constant.code.join();
    return this.#pinned.get(key) ?? this.#pin(key, v128.or(constant, this.#pinned.get("zero")!));
  }

  #pin(key: string, value: V128): Local<"v128"> {
    const local = this.#newLocal("v128");
    this.#prologue.push([value.code, 0x21, unsigned(local.index)]);
    this.#pinned.set(key, local);
    return local;
  }

  set<Type extends ValueType>(local: Local<Type>, value: Value<Type>): void {
    this.#body.push(value.code, 0x21, unsigned(local.index));
  }

  /** Sets the local and goes on as its new value. */
  tee<Type extends ValueType>(local: Local<Type>, value: Value<Type>): Value<Type> {
    return { type: local.type, code: [value.code, 0x22, unsigned(local.index)] };
  }

  emit(...statements: readonly Statement[]): void {
    for (const { code } of statements) this.#body.push(code);
  }

  call(callee: FunctionBuilder, ...operands: readonly Value[]): void {
    if (operands.map(({ type }) => type).join() !== callee.parameters.join()) {
      throw new Error(`function ${callee.index} takes (${callee.parameters.join()})`);
    }
    this.#body.push(
      operands.map(({ code }) => code),
      0x10,
      unsigned(callee.index),
    );
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.#body.push(condition.code, 0x04, NO_RESULT);
    then();
    if (otherwise !== undefined) {
      this.#body.push(0x05);
      otherwise();
    }
    this.#body.push(END);
  }

  /** Runs the body, then again while the condition, computed after it, is not 0. */
  doWhile(body: () => void, condition: I32): void {
    this.#body.push(0x03, NO_RESULT);
    body();
    this.#body.push(condition.code, 0x0d, 0, END);
  }

  /** Runs the body `count` times, counting the local down to 0. The local must hold at least 1 at the start. */
  countDown(count: Local<"i32">, body: () => void): void {
    this.doWhile(body, this.tee(count, i32.sub(count, i32.const(1))));
  }

  /** As `countDown`, but a count of 0 runs nothing. */
  repeat(count: Local<"i32">, body: () => void): void {
    this.if(count, () => this.countDown(count, body));
  }

  /** local += bytes */
  advance(local: Local<"i32">, bytes: number | I32): void {
    this.set(local, i32.add(local, typeof bytes === "number" ? i32.const(bytes) : bytes));
  }

  /** The entry of the code section. */
  code(): Code {
    return [vector(this.#locals.map((type) => [1, TYPE_BYTES[type]])), ...this.#prologue, ...this.#body, END];
  }
}

function localAt<Type extends ValueType>(index: number, type: Type): Local<Type> {
  return { type, index, code: [0x20, unsigned(index)] };
}
