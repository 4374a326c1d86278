// Sound as frames of energies per mel band: what of it the ear hears (Davis & Mermelstein, 1980).
//   power  P(k) = |Σ x(n)·w(n)·e^(−2πikn/N)|²      w Hann window, N the next power of two
//   mel    m(f) = 2595·log10(1 + f/700)            bands: triangles between equally spaced mels from 0 to half the rate
//   log-mel  L(b) = ln max(1e-10, Σ P(k)·band_b(k))
//   MFCC     C(j) = s_j·Σ L(b)·cos(π·j·(b + ½)/B)    s_0 = √(1/B), s_j = √(2/B)
import FFT from "fft.js";

export interface SpectrumSpec {
  /** Hz */
  sampleRate: number;
  /** samples per frame, and from one frame to the next */
  window: number;
  hop: number;
  bands: number;
  /** present: MFCC, so many per frame */
  coefficients?: number;
}

const quietest = 1e-10;
const loudest = 32768;

/** Frames that so many samples make. */
export function framesIn(samples: number, { window, hop }: Pick<SpectrumSpec, "window" | "hop">): number {
  return samples < window ? 1 : 1 + Math.floor((samples - window) / hop);
}

/** A function from samples (16-bit) to `frames` × (bands or coefficients) values; beyond the end is silence. */
export function spectrumOf(spec: SpectrumSpec): (samples: Int16Array, frames: number) => Float64Array {
  const { window, hop, bands, coefficients } = spec;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, window)));
  const fft = new FFT(size);
  const hann = Float64Array.from({ length: window }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / window));
  const filters = melFilters(spec, size);
  const cosines = coefficients === undefined ? undefined : cosineTable(bands, coefficients);
  const input = Array.from({ length: size }, () => 0);
  const output = fft.createComplexArray();
  const logs = new Float64Array(bands);
  const width = coefficients ?? bands;
  return (samples, frames) => {
    const result = new Float64Array(frames * width);
    for (let frame = 0; frame < frames; frame++) {
      for (let n = 0; n < window; n++) input[n] = ((samples[frame * hop + n] ?? 0) / loudest) * hann[n];
      fft.realTransform(output, input);
      filters.forEach(({ first, weights }, band) => {
        let energy = 0;
        weights.forEach((weight, i) => {
          const k = 2 * (first + i);
          energy += weight * (output[k] ** 2 + output[k + 1] ** 2);
        });
        logs[band] = Math.log(Math.max(quietest, energy));
      });
      if (cosines === undefined) result.set(logs, frame * width);
      else cosines.forEach((row, j) => (result[frame * width + j] = row.reduce((sum, c, b) => sum + c * logs[b], 0)));
    }
    return result;
  };
}

const melOf = (frequency: number) => 2595 * Math.log10(1 + frequency / 700);
const frequencyOf = (mel: number) => 700 * (10 ** (mel / 2595) - 1);

/** Each band as weights of the bins from `first` on. */
function melFilters({ sampleRate, bands }: SpectrumSpec, size: number): { first: number; weights: number[] }[] {
  const highest = melOf(sampleRate / 2);
  const edges = Array.from({ length: bands + 2 }, (_, i) => frequencyOf((highest * i) / (bands + 1)));
  const bins = Array.from({ length: size / 2 + 1 }, (_, k) => (k * sampleRate) / size);
  return Array.from({ length: bands }, (_, band) => {
    const [low, centre, high] = edges.slice(band, band + 3);
    const weights = bins.map((f) => Math.max(0, Math.min((f - low) / (centre - low), (high - f) / (high - centre))));
    const first = weights.findIndex((weight) => weight > 0);
    const last = weights.findLastIndex((weight) => weight > 0);
    return { first: Math.max(0, first), weights: first < 0 ? [] : weights.slice(first, last + 1) };
  });
}

/** DCT-II, orthonormal: rows of `bands` cosines. */
function cosineTable(bands: number, coefficients: number): number[][] {
  return Array.from({ length: coefficients }, (_, j) => {
    const scale = Math.sqrt((j === 0 ? 1 : 2) / bands);
    return Array.from({ length: bands }, (_unused, b) => scale * Math.cos((Math.PI * j * (b + 0.5)) / bands));
  });
}
