// The contract and the engine name the same things: a layer that only one of them knows could not be asked for, or not be run.
import { expect, test } from "vitest";
import { activationName, initializerName, layer } from "../../src/contract/layer.ts";
import { lossName, optimizer, schedule } from "../../src/contract/hyperparameters.ts";
import { INITIALIZERS } from "../../src/engine/initializers.ts";
import { ACTIVATION_NAMES } from "../../src/engine/layers/activation.ts";
import { LAYERS } from "../../src/engine/layers/catalogue.ts";
import { LOSSES } from "../../src/engine/losses/catalogue.ts";
import { OPTIMIZERS } from "../../src/engine/optimizers/catalogue.ts";
import { SCHEDULES } from "../../src/engine/schedules.ts";

/** Its targets are texts, which no dataset gives yet. */
const WITHOUT_DATA = ["encoder_decoder"];
/** What layers choose themselves, for scales and gates. */
const OWN_INITIALIZERS = ["ones", "forget_gate_ones"];

/** A member of a union of objects by type, or another such union. */
type Member = { shape: { type: { value: string } } } | { options: readonly Member[] };

const typesOf = (union: { options: readonly Member[] }): string[] =>
  union.options.flatMap((member) => ("shape" in member ? [member.shape.type.value] : typesOf(member)));

test.each([
  {
    what: "layers",
    contract: typesOf(layer),
    engine: Object.keys(LAYERS).filter((name) => !WITHOUT_DATA.includes(name)),
  },
  { what: "losses", contract: lossName.options, engine: Object.keys(LOSSES) },
  { what: "optimizers", contract: typesOf(optimizer), engine: Object.keys(OPTIMIZERS) },
  { what: "schedules", contract: typesOf(schedule), engine: Object.keys(SCHEDULES) },
  // The threshold is a layer of its own in the contract.
  {
    what: "activations",
    contract: activationName.options,
    engine: ACTIVATION_NAMES.filter((name) => name !== "threshold"),
  },
  {
    what: "initializers",
    contract: initializerName.options,
    engine: Object.keys(INITIALIZERS).filter((name) => !OWN_INITIALIZERS.includes(name)),
  },
])("$what have the same names in the contract and in the engine", ({ contract, engine }) => {
  expect([...contract].sort()).toEqual([...engine].sort());
});
