// Sounds (WAV, MP3) → mono 16-bit samples of one rate: the most common one.
import { MPEGDecoder } from "mpg123-decoder";
import type { ProblemList } from "../problems.ts";
import { appendMedia } from "./append-media.ts";
import { EntryError } from "./archive.ts";
import type { MediaFile } from "./contents.ts";
import { labelsOf } from "./media-labels.ts";
import type { RawTable, ReadRequest } from "./raw-table.ts";
import { resample } from "./resample.ts";
import { decodeWav, type Sound, toSample } from "./wav.ts";

const mebibyte = 1024 * 1024;
/** An MP3 unpacks to about twenty times its size. */
const largestBytes = { wav: 64 * mebibyte, mp3: 16 * mebibyte };
const straysNamed = 20;

export async function readAudio(request: ReadRequest): Promise<RawTable | undefined> {
  const { media, problems, maximumBytes } = request;
  const labels = await labelsOf(request);
  if (labels === undefined) return undefined;

  const decoder = new MPEGDecoder();
  await decoder.ready;
  const rates = new Map<number, number>();
  // First all of them for rate and length, held by no one; then again for the table.
  const rateOf: number[] = [];
  let seconds = 0;
  for (const [index, file] of media.entries()) {
    const sound = await decode(decoder, file, index + 1, problems);
    if (sound === undefined) continue;
    rateOf[index] = sound.sampleRate;
    rates.set(sound.sampleRate, (rates.get(sound.sampleRate) ?? 0) + 1);
    seconds += sound.samples.length / sound.sampleRate;
  }
  if (problems.errors > 0) return undefined;
  const [sampleRate] = [...rates].reduce((best, next) => (next[1] > best[1] ? next : best));
  // What resampling makes of them counts: a sound of 1 Hz grows a thousandfold.
  if (2 * seconds * sampleRate > maximumBytes) {
    problems.add("too_large_unpacked", {}, Math.floor(maximumBytes / mebibyte));
    return undefined;
  }
  const strays = [...rateOf.keys()].filter((row) => rateOf[row] !== sampleRate);
  for (const row of strays.slice(0, straysNamed))
    problems.add(
      "sound_resampled",
      { row: row + 1, value: media[row].name },
      `${rateOf[row]} Hz, was resampled to ${sampleRate} Hz`,
    );
  if (strays.length > straysNamed)
    problems.add("sounds_resampled", {}, `${strays.length - straysNamed} more were resampled to ${sampleRate} Hz`);

  const append = await appendMedia(request, "audio", labels, { type: "audio", sample_rate: sampleRate });
  for (const [index, file] of media.entries()) {
    const sound = (await decode(decoder, file, index + 1, problems))!;
    const samples = resample(sound.samples, sound.sampleRate, sampleRate);
    append.row(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }
  decoder.free();
  return problems.errors > 0 ? undefined : append.finish();
}

async function decode(
  decoder: MPEGDecoder,
  file: MediaFile,
  row: number,
  problems: ProblemList,
): Promise<Sound | undefined> {
  try {
    const kind = /\.mp3$/i.test(file.name) ? "mp3" : "wav";
    if (file.bytes > largestBytes[kind]) throw new EntryError(`is larger than ${largestBytes[kind] / mebibyte} MiB`);
    const bytes = file.read();
    const sound = bytes.toString("latin1", 0, 4) === "RIFF" ? decodeWav(bytes) : await decodeMp3(decoder, bytes);
    if (sound.samples.length === 0) throw new EntryError("has no samples");
    return sound;
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    problems.add("unreadable_file", { row, value: file.name }, error.message);
    return undefined;
  }
}

/** All channels as their mean. */
async function decodeMp3(decoder: MPEGDecoder, bytes: Buffer): Promise<Sound> {
  await decoder.reset();
  const { channelData, samplesDecoded, sampleRate, errors } = decoder.decode(bytes);
  if (samplesDecoded === 0 || errors.length > 0) throw new EntryError("is no WAV or MP3 sound, or is damaged");
  const samples = new Int16Array(samplesDecoded);
  for (let i = 0; i < samplesDecoded; i++) {
    let sum = 0;
    for (const channel of channelData) sum += channel[i];
    samples[i] = toSample(sum / channelData.length);
  }
  return { sampleRate, samples };
}
