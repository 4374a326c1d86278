// Initial values of the parameters: drawn from the seed, or given. fan_in and fan_out are the inputs and outputs of a unit.
// glorot_uniform   U(−a, a), a = √(6/(fan_in + fan_out))     Glorot & Bengio, 2010
// he_uniform       U(−a, a), a = √(6/fan_in)                 He, Zhang, Ren & Sun, 2015
// he_normal        N(0, 2/fan_in)                            He, Zhang, Ren & Sun, 2015
// zeros            0, for biases
// ones             1, for scales
// forget_gate_ones 1 in the second quarter, else 0: the bias of an LSTM, whose gates are i, f, g, o
import type { Parameter } from "./layers/layer.ts";
import { createGenerator, normal, uniform } from "./random.ts";
import type { Generator } from "./random.ts";
import { requireEntry } from "./requirements.ts";
import type { Elements } from "./tensor.ts";

/** `place` is where in the tensor the number stands, from 0 up to 1. */
type Draw = (generator: Generator, fanIn: number, fanOut: number, place: number) => number;

const within = (generator: Generator, limit: number): number => (2 * uniform(generator) - 1) * limit;

export const INITIALIZERS = {
  glorot_uniform: (generator, fanIn, fanOut) => within(generator, Math.sqrt(6 / (fanIn + fanOut))),
  he_uniform: (generator, fanIn) => within(generator, Math.sqrt(6 / fanIn)),
  he_normal: (generator, fanIn) => normal(generator) * Math.sqrt(2 / fanIn),
  zeros: () => 0,
  ones: () => 1,
  forget_gate_ones: (_generator, _fanIn, _fanOut, place) => (place >= 0.25 && place < 0.5 ? 1 : 0),
} satisfies Record<string, Draw>;

export type InitializerName = keyof typeof INITIALIZERS;

/** Fills the values of parameter number `index` of the network from its own stream of the seed. */
export function drawParameter(values: Elements, parameter: Parameter, index: number, seed: number): void {
  const draw: Draw = requireEntry("initialisation", INITIALIZERS, parameter.initializer);
  const generator = createGenerator(seed, "initialisation", index);
  for (let i = 0; i < values.length; i++)
    values[i] = draw(generator, parameter.fanIn, parameter.fanOut, i / values.length);
}
