// A sound: frames of log-mel energies or MFCCs, each band standardised over the training rows. [frames, bands], or
// [frames, bands, 1] for layers that take images. Shorter sounds end in silence, longer ones are cut.
import type { AudioColumn, TableColumn } from "../table.ts";
import type { FeatureEncoder, Matrix } from "./encoder.ts";
import { scaled, type Scaling, fitScaling } from "./scaling.ts";
import { someRows } from "./some-rows.ts";
import { framesIn, type SpectrumSpec, spectrumOf } from "./spectrum.ts";

export interface AudioState extends SpectrumSpec {
  kind: "audio";
  name: string;
  frames: number;
  /** one per band */
  scalings: Scaling[];
  layout: "sequence" | "image";
}

export interface AudioChoice {
  representation?: "log_mel" | "mfcc" | undefined;
  bands?: number | undefined;
  coefficients?: number | undefined;
  window_ms?: number | undefined;
  hop_ms?: number | undefined;
  /** "auto" is a number once the feature is resolved. */
  max_seconds?: number | "auto" | undefined;
}

/** Frames of the training rows that the scalings are fitted on, at most. */
const framesLookedAt = 200_000;
const loudest = 32767;

/** The spectrum that a choice means at a sample rate, and how many frames of it there are. */
export function audioFrames(
  {
    representation = "log_mel",
    bands = 40,
    coefficients = 13,
    window_ms = 25,
    hop_ms = 10,
    max_seconds = 1,
  }: AudioChoice,
  sampleRate: number,
): { spec: SpectrumSpec; frames: number } {
  const samples = (milliseconds: number) => Math.max(1, Math.round((milliseconds * sampleRate) / 1000));
  const spec = { sampleRate, window: samples(window_ms), hop: samples(hop_ms), bands };
  return {
    spec: representation === "mfcc" ? { ...spec, coefficients: Math.min(coefficients, bands) } : spec,
    frames: framesIn(samples(1000 * (max_seconds === "auto" ? 1 : max_seconds)), spec),
  };
}

export const audioEncoder: FeatureEncoder<AudioState> = {
  fit(column, trainingRows, { layout = "sequence", ...choice }) {
    const sounds = audioColumn(column);
    const { spec, frames } = audioFrames(choice, sounds.sampleRate);
    const width = spec.coefficients ?? spec.bands;
    const spectrum = spectrumOf(spec);
    const rows = someRows(trainingRows, Math.max(1, Math.floor(framesLookedAt / frames)));
    const bands = Array.from({ length: width }, () => new Float64Array(rows.length * frames));
    rows.forEach((row, i) => {
      const values = spectrum(soundAt(sounds, row), frames);
      for (let at = 0; at < values.length; at++) bands[at % width][i * frames + Math.floor(at / width)] = values[at];
    });
    const scalings = bands.map((values) => fitScaling(values, "standard"));
    return { kind: "audio", name: sounds.name, ...spec, frames, scalings, layout };
  },

  width: ({ frames, scalings }) => frames * scalings.length,
  shape: ({ frames, scalings, layout }) => [frames, scalings.length, ...(layout === "image" ? [1] : [])],

  encode(state, column, rows, into, offset, stride) {
    const sounds = audioColumn(column);
    for (let i = 0; i < rows.length; i++) write(state, soundAt(sounds, rows[i]), into, i * stride + offset);
  },

  encodeValue(state, value, into, start) {
    const isSound =
      Array.isArray(value) && value.length > 0 && value.every((sample) => Math.abs(sample as number) <= loudest + 1);
    if (!isSound)
      return {
        code: "not_a_sound",
        expected: `an array of samples at ${state.sampleRate} Hz, numbers from -32768 to 32767`,
        hint: "Send the samples of one channel, 16 bit each.",
      };
    write(state, Int16Array.from(value as number[]), into, start);
    return undefined;
  },

  describe: (state) => ({
    name: state.name,
    type: "audio",
    required: true,
    nullable: false,
    shape: audioEncoder.shape!(state),
  }),
};

const spectra = new WeakMap<AudioState, ReturnType<typeof spectrumOf>>();

function write(state: AudioState, samples: Int16Array, into: Matrix, start: number): void {
  const spectrum = spectra.get(state) ?? spectrumOf(state);
  spectra.set(state, spectrum);
  const { scalings } = state;
  const values = spectrum(samples, state.frames);
  for (let i = 0; i < values.length; i++) into[start + i] = scaled(values[i], scalings[i % scalings.length]);
}

const soundAt = ({ samples, starts }: AudioColumn, row: number) => samples.subarray(starts[row], starts[row + 1]);

function audioColumn(column: TableColumn): AudioColumn {
  if (column.type === "audio") return column;
  throw new Error(`Column "${column.name}" holds ${column.type}, not sounds.`);
}
