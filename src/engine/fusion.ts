// A peephole over the lists of a plan: an addition and a relu right behind a convolution or a normalisation are done while
// its numbers are in registers. What lay between them then needs no memory and is neither written nor read.
//   conv2d → relu                     conv2d with relu
//   batch_norm → add → relu           batch_norm with residual and relu
//   relu backward → batch_norm_backward          batch_norm_backward with the relu's output as its mask
// The relu of z has the derivative of its output y: z > 0 where y > 0.
import type { Operation } from "./operations.ts";
import { tensorsOf } from "./operations.ts";
import type { Tensor } from "./tensor.ts";

export function fuseOperations(operations: readonly Operation[]): readonly Operation[] {
  const users = usersOf(operations);
  const only = (tensor: Tensor, ...allowed: readonly Operation["kind"][]): boolean =>
    users.get(tensor.storage)!.every(({ kind }) => allowed.includes(kind));
  const rectified = new Map<Tensor, Tensor>();
  const fused: Operation[] = [];
  for (const operation of operations) {
    const before = fused.at(-1);
    const joined = before === undefined ? undefined : joinForward(before, operation, only, rectified);
    if (joined !== undefined) fused[fused.length - 1] = joined;
    else if (operation.kind === "activate_backward" && rectified.has(operation.x.storage)) {
      fused.push({ ...operation, x: operation.y });
    } else if (
      operation.kind === "batch_norm_backward" &&
      before?.kind === "activate_backward" &&
      before.function === "relu" &&
      before.dx.storage === operation.dy.storage &&
      users.get(operation.dy.storage)!.length === 2 &&
      operation.dx.storage !== operation.dy.storage
    ) {
      fused[fused.length - 1] = { ...operation, y: before.y, dy: before.dy };
    } else fused.push(operation);
  }
  return fused;
}

type Only = (tensor: Tensor, ...allowed: readonly Operation["kind"][]) => boolean;

function joinForward(
  before: Operation,
  operation: Operation,
  only: Only,
  rectified: Map<Tensor, Tensor>,
): Operation | undefined {
  if (before.kind !== "conv2d" && before.kind !== "batch_norm" && before.kind !== "batch_norm_inference")
    return undefined;
  if (before.relu) return undefined;
  const z = before.y;
  if (operation.kind === "activate" && operation.function === "relu" && operation.x.storage === z.storage) {
    if (!only(z, before.kind, "add", "activate", "activate_backward")) return undefined;
    rectified.set(z.storage, operation.y);
    return { ...before, relu: true, y: operation.y };
  }
  if (operation.kind === "add" && before.kind !== "conv2d" && before.residual === null && only(z, before.kind, "add")) {
    const { a, b, c } = operation;
    if (a.storage === z.storage && b.storage !== z.storage) return { ...before, residual: b, y: c };
    if (b.storage === z.storage && a.storage !== z.storage) return { ...before, residual: a, y: c };
  }
  return undefined;
}

function usersOf(operations: readonly Operation[]): Map<Tensor, Operation[]> {
  const users = new Map<Tensor, Operation[]>();
  for (const operation of operations) {
    for (const { storage } of new Set(tensorsOf(operation)))
      users.set(storage, [...(users.get(storage) ?? []), operation]);
  }
  return users;
}
