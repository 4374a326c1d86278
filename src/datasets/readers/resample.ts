// Another sample rate for a sound: windowed-sinc interpolation (Smith & Gossett, 1984), band-limited so that nothing aliases.
import { toSample } from "./wav.ts";

/** Zero crossings of the sinc on each side: about 80 dB down beyond the band. */
const crossings = 16;

/** The sound at rate `to` (Hz) instead of `from`; round(length · to / from) samples. */
export function resample(samples: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return samples;
  const divisor = greatestCommonDivisor(from, to);
  const phases = to / divisor; // output samples between two that fall on input samples
  const step = from / divisor;
  const cutoff = Math.min(1, to / from);
  const reach = Math.ceil(crossings / cutoff);
  const taps = 2 * reach;
  const weights = Array.from({ length: phases }, (_, phase) => weightsOf(phase / phases, reach, cutoff));
  const output = new Int16Array(Math.round((samples.length * to) / from));
  for (let i = 0; i < output.length; i++) {
    const position = i * step;
    const first = Math.floor(position / phases) - reach + 1;
    const weight = weights[position % phases];
    let sum = 0;
    for (let tap = Math.max(0, -first); tap < taps && first + tap < samples.length; tap++) {
      sum += weight[tap] * samples[first + tap];
    }
    output[i] = toSample(sum / 32768);
  }
  return output;
}

/** Weights of the input samples around a point that lies `fraction` behind one of them; their sum is 1. */
function weightsOf(fraction: number, reach: number, cutoff: number): Float64Array {
  const weights = new Float64Array(2 * reach);
  let sum = 0;
  for (let tap = 0; tap < weights.length; tap++) {
    const distance = tap - reach + 1 - fraction;
    const x = Math.PI * distance * cutoff;
    const window = Math.abs(distance) >= reach ? 0 : Math.cos((Math.PI * distance) / (2 * reach)) ** 2; // von Hann
    weights[tap] = (x === 0 ? 1 : Math.sin(x) / x) * window;
    sum += weights[tap];
  }
  return weights.map((weight) => weight / sum);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
