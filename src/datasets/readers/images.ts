// Pictures (PNG, JPEG, WebP) → raw pixels of one size: the most common one, or what the options ask for.
import type { Sharp, SharpOptions } from "sharp";
import { appendMedia } from "./append-media.ts";
import { EntryError } from "./archive.ts";
import type { MediaFile } from "./contents.ts";
import { labelsOf } from "./media-labels.ts";
import type { RawTable, ReadRequest } from "./raw-table.ts";

type Shape = [height: number, width: number, channels: number];
type Loader = (input: Buffer, options: SharpOptions) => Sharp;

type ImageOptions = NonNullable<ReadRequest["options"]["image"]>;

interface Header {
  height: number;
  width: number;
  grey: boolean;
}

/** Larger pictures are scaled down, unless the options ask for a size. */
const largestSide = 256;
/** About the largest camera there is; a decoded picture may take three bytes for each. */
const mostPixels = 50_000_000;
const largestFileBytes = 64 * 1024 * 1024;
/** Decoded at once: the decoder's own threads do the work, in memory of this many pictures. */
const together = 8;
const straysNamed = 20;
const mebibyte = 1024 * 1024;

export async function readImages(request: ReadRequest): Promise<RawTable | undefined> {
  const { media, options, problems } = request;
  const { default: sharp } = await import("sharp");
  sharp.cache(false);
  sharp.concurrency(1);
  const labels = await labelsOf(request);
  if (labels === undefined) return undefined;
  const headers = await eachTogether(media, problems, (file) => readHeader(sharp, file));
  if (problems.errors > 0) return undefined;

  const shape = shapeOf(headers, options.image ?? {});
  warnOfSizes(request, headers, shape);
  const [height, width, channels] = shape;
  const bytes = media.length * height * width * channels;
  if (bytes > request.maximumBytes)
    problems.add(
      "too_many_pixels",
      {},
      `${media.length} pictures of ${shape.join("×")} take ${Math.ceil(bytes / mebibyte)} MiB`,
    );
  if (problems.errors > 0) return undefined;

  const append = await appendMedia(request, "image", labels, { type: "image", shape });
  for (let start = 0; start < media.length; start += together) {
    const batch = media.slice(start, start + together);
    const pixels = await eachTogether(batch, problems, (file) => decode(sharp, file.read(), shape), start);
    if (problems.errors === 0) pixels.forEach(append.row);
  }
  return problems.errors > 0 ? undefined : append.finish();
}

/** Results in order; what a file throws becomes a problem of its row. */
async function eachTogether<Result>(
  media: readonly MediaFile[],
  problems: ReadRequest["problems"],
  work: (file: MediaFile) => Promise<Result>,
  firstRow = 0,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < media.length; start += together) {
    const settled = await Promise.allSettled(
      media.slice(start, start + together).map(async (file) => await work(file)),
    );
    settled.forEach((outcome, index) => {
      if (outcome.status === "fulfilled") return results.push(outcome.value);
      const reason = outcome.reason as Error;
      const facts =
        reason instanceof EntryError ? reason.message : `is damaged: ${reason.message.trim().split("\n", 1)[0]}`;
      return problems.add(
        "unreadable_file",
        { row: firstRow + start + index + 1, value: media[start + index].name },
        facts,
      );
    });
  }
  return results;
}

const magics: readonly RegExp[] = [/^\x89PNG\r\n/, /^\xff\xd8\xff/, /^RIFF[^]{4}WEBP/];

/** Size and colours without decoding. Only the three formats ever reach the decoder, whatever a file is called. */
async function readHeader(sharp: Loader, file: MediaFile): Promise<Header> {
  if (file.bytes > largestFileBytes) throw new EntryError(`is larger than ${largestFileBytes / mebibyte} MiB`);
  const bytes = file.read();
  const start = bytes.toString("latin1", 0, 16);
  if (!magics.some((magic) => magic.test(start))) throw new EntryError("is no PNG, JPEG or WebP picture");
  const { width, height, space, autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (width * height > mostPixels)
    throw new EntryError(`says it is ${width}×${height} pixels, more than ${mostPixels / 1e6} million`);
  return { height: autoOrient.height, width: autoOrient.width, grey: space === "b-w" || space === "grey16" };
}

/** The most common size, the first of several, not larger than `largestSide`; grey when all pictures are. */
function shapeOf(headers: readonly Header[], { size, channels }: ImageOptions): Shape {
  const colours = channels ?? (headers.every(({ grey }) => grey) ? 1 : 3);
  if (size !== undefined) return [size[0], size[1], colours];
  const counts = new Map<string, { header: Header; count: number }>();
  for (const header of headers) {
    const key = `${header.height}×${header.width}`;
    const seen = counts.get(key);
    if (seen === undefined) counts.set(key, { header, count: 1 });
    else seen.count += 1;
  }
  const { height, width } = [...counts.values()].reduce((best, next) => (next.count > best.count ? next : best)).header;
  const scale = Math.min(1, largestSide / Math.max(height, width));
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale)), colours];
}

function warnOfSizes(
  { media, options, problems }: ReadRequest,
  headers: readonly Header[],
  [height, width]: Shape,
): void {
  if (options.image?.size !== undefined) return;
  const to = `${height}×${width}`;
  const sizes = headers.map((header) => `${header.height}×${header.width}`);
  const larger = headers.filter((header) => Math.max(header.height, header.width) > largestSide).length;
  if (2 * larger > headers.length)
    problems.add("images_scaled_down", {}, `${larger} pictures were scaled to ${to} (height×width)`);
  else {
    const strays = [...sizes.keys()].filter((row) => sizes[row] !== to);
    for (const row of strays.slice(0, straysNamed))
      problems.add("image_resized", { row: row + 1, value: media[row].name }, `${sizes[row]}, was stretched to ${to}`);
    if (strays.length > straysNamed)
      problems.add(
        "images_scaled_down",
        {},
        `${strays.length - straysNamed} more were stretched to ${to} (height×width)`,
      );
  }
}

/** Pixels row by row; transparent parts become white, pictures are turned as their camera was held. */
async function decode(sharp: Loader, bytes: Buffer, [height, width, channels]: Shape): Promise<Buffer> {
  return await sharp(bytes, { limitInputPixels: mostPixels, failOn: "error", sequentialRead: true })
    .autoOrient()
    .flatten({ background: "white" })
    .resize({ height, width, fit: "fill" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer();
}
