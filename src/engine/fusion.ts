// A peephole over the lists of a plan: an addition and a relu right behind a convolution or a normalisation are done while
// its numbers are in registers. What lay between them then needs no memory and is neither written nor read.
//   conv2d → relu                     conv2d with relu
//   batch_norm → add → relu           batch_norm with residual and relu
//   relu backward → batch_norm_backward          batch_norm_backward with the relu's output as its mask
// The relu of z has the derivative of its output y: z > 0 where y > 0. Whatever else reads z forbids it: a residual
// connection that begins with a relu adds z as it was.
import type { Operation } from "./operations.ts";
import { tensorsOf } from "./operations.ts";
import { reshaped } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

export function fuseOperations(operations: readonly Operation[]): readonly Operation[] {
  const users = usersOf(operations);
  const usersBeside = (tensor: Tensor, known: (user: Operation) => boolean): number =>
    users.get(tensor.storage)!.filter((user) => !known(user)).length;
  const rectified = new Map<Tensor, Tensor>();
  const fused: Operation[] = [];
  for (const operation of operations) {
    const before = fused.at(-1);
    const joined = before === undefined ? undefined : joinForward(before, operation, usersBeside, rectified);
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

/** How many operations touch the tensor beside those that are `known`. */
type UsersBeside = (tensor: Tensor, known: (user: Operation) => boolean) => number;

/** Both as one operation, where only the first one writes what lies between them and only the second one reads it. */
function joinForward(
  before: Operation,
  operation: Operation,
  usersBeside: UsersBeside,
  rectified: Map<Tensor, Tensor>,
): Operation | undefined {
  if (before.kind !== "conv2d" && before.kind !== "batch_norm" && before.kind !== "batch_norm_inference")
    return undefined;
  if (before.relu) return undefined;
  const z = before.y;
  if (operation.kind === "activate" && operation.function === "relu" && operation.x.storage === z.storage) {
    const isOwn = (user: Operation): boolean =>
      user === operation || (user.kind === "activate_backward" && user.y.storage === operation.y.storage);
    if (usersBeside(z, isOwn) > 1) return undefined;
    rectified.set(z.storage, operation.y);
    // Behind a flatten the relu has the shape of a vector, but what it is now a part of still makes an image.
    return { ...before, relu: true, y: reshaped(operation.y, z.shape) };
  }
  if (operation.kind === "add" && before.kind !== "conv2d" && before.residual === null) {
    if (usersBeside(z, (user) => user === operation) > 1) return undefined;
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
