// A peephole over the lists of a plan: an addition and a relu right behind a convolution or a normalisation are done while
// its numbers are in registers. What lay between them then needs no memory and is neither written nor read.
//   conv2d → relu                         conv2d with relu
//   batch_norm → add → relu               batch_norm with residual and relu
//   relu backward → batch_norm_backward   batch_norm_backward with the relu's output as its mask
// The relu z → y backward asks for y > 0 instead of z > 0, which is the same.
import { rowsEachOf, tensorsOf } from "./operations.ts";
import type { Operation, OperationKind, OperationOf } from "./operations.ts";
import { reshaped } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

/** The operations of a list that touch each tensor that owns memory. */
type Users = ReadonlyMap<Tensor, readonly Operation[]>;

/** The list with what stands next to each other in it joined; it computes the same bits. */
export function fuseOperations(operations: readonly Operation[]): readonly Operation[] {
  const users = usersOf(operations);
  const fused: Operation[] = [];
  for (const operation of operations) {
    const before = fused.at(-1);
    // A relu behind a layer of each step may be one of the whole sequence.
    const alike = before !== undefined && rowsEachOf(before) === rowsEachOf(operation);
    const rules = alike ? RULES : [];
    const joined = rules.map((rule) => rule(before!, operation, users)).find((one) => one !== undefined);
    if (joined !== undefined) fused[fused.length - 1] = joined;
    else fused.push(isReluBackward(operation) ? { ...operation, x: operation.y } : operation);
  }
  return fused;
}

/** Two neighbours as one operation; undefined where they must stay two. */
type Rule = (before: Operation, operation: Operation, users: Users) => Operation | undefined;

const RULES: readonly Rule[] = [joinRelu, joinAddition, joinMask];

function joinRelu(before: Operation, operation: Operation, users: Users): Operation | undefined {
  if (!isOneOf(before, "conv2d", "batch_norm", "batch_norm_inference") || before.relu) return undefined;
  if (operation.kind !== "activate" || operation.function !== "relu" || operation.x.storage !== before.y.storage) {
    return undefined;
  }
  if (!isOnlyReader(operation, before.y, users)) return undefined;
  // Behind a flatten the relu has the shape of a vector, but what it is now a part of still makes an image.
  return { ...before, relu: true, y: reshaped(operation.y, before.y.shape) };
}

function joinAddition(before: Operation, operation: Operation, users: Users): Operation | undefined {
  if (!isOneOf(before, "batch_norm", "batch_norm_inference") || before.relu || before.residual !== null) {
    return undefined;
  }
  if (operation.kind !== "add" || !isOnlyReader(operation, before.y, users)) return undefined;
  const { a, b, c } = operation;
  const z = before.y.storage;
  if (a.storage === z && b.storage !== z) return { ...before, residual: b, y: c };
  if (b.storage === z && a.storage !== z) return { ...before, residual: a, y: c };
  return undefined;
}

function joinMask(before: Operation, operation: Operation, users: Users): Operation | undefined {
  if (operation.kind !== "batch_norm_backward" || !isReluBackward(before)) return undefined;
  const dz = operation.dy.storage;
  // Nobody else reads dz, and the normalisation does not write its dx over it.
  if (before.dx.storage !== dz || users.get(dz)!.length !== 2 || operation.dx.storage === dz) return undefined;
  return { ...operation, y: before.y, dy: before.dy };
}

/** Whether of the operations that touch z one writes it and `operation` alone reads it: a residual connection that begins
 * with a relu adds z as it was. The relu backward will ask y instead. */
function isOnlyReader(operation: Operation, z: Tensor, users: Users): boolean {
  const others = users
    .get(z.storage)!
    .filter((user) => user !== operation && !(isReluBackward(user) && user.x.storage === z.storage));
  return others.length === 1;
}

function isReluBackward(operation: Operation): operation is OperationOf<"activate_backward"> {
  return operation.kind === "activate_backward" && operation.function === "relu";
}

function isOneOf<Kind extends OperationKind>(operation: Operation, ...kinds: Kind[]): operation is OperationOf<Kind> {
  return (kinds as OperationKind[]).includes(operation.kind);
}

function usersOf(operations: readonly Operation[]): Users {
  const users = new Map<Tensor, Operation[]>();
  for (const operation of operations) {
    for (const storage of new Set(tensorsOf(operation).map((tensor) => tensor.storage))) {
      users.set(storage, [...(users.get(storage) ?? []), operation]);
    }
  }
  return users;
}
