// The running average of a parameter; formula and order of operations of reference/averaging.ts.
import { f32x4 } from "../wasm/instructions.ts";
import { elementFunction } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";

export const AVERAGING_EMITTERS: Emitters<"average"> = {
  average({ parameter, average, decay }, { module, f, address, count, scalar }) {
    const rate = scalar(`average ${decay}`, ({ number }, into, slot) => {
      into[slot] = (1 - decay) / (1 - decay ** number);
    });
    const follow = elementFunction(module, "average", [2, 1, 1], (_f, [theta, a], [r]) => [
      f32x4.add(a, f32x4.mul(r, f32x4.sub(theta, a))),
    ]);
    f.call(follow, count(parameter), address(parameter), address(average), address(average), rate);
  },
};
