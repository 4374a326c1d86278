// What is done to the images or sounds of a training, anew in every epoch; rows that validate, test or are predicted never.
import { z } from "zod";
import { strictObject } from "./strict-object.ts";

const pixels = z.number().int().min(1).max(1024);
const masks = z.number().int().min(0).max(20);

export const augmentation = strictObject({
  shift: z
    .number()
    .int()
    .min(1)
    .max(60_000)
    .optional()
    .describe("at most so many pixels to each side, the border repeated; of sounds milliseconds, with silence"),
  // images
  flip: z.boolean().optional().describe("images: left and right change places, every second time"),
  rotate: z.number().positive().max(180).optional().describe("images: degrees at most, to either side"),
  crop: z
    .number()
    .min(0.05)
    .lt(1)
    .optional()
    .describe("images: a part is enlarged to the whole, its area at least this share"),
  cut_out: pixels.optional().describe("images: the side of a square of average colour that covers a part"),
  // sounds
  gain: z.number().positive().max(60).optional().describe("sounds: decibels louder or softer at most"),
  noise: z.number().positive().max(10).optional().describe("sounds: in standard deviations of each band"),
  spec_augment: strictObject({
    time_masks: masks.default(2),
    time_width: z.number().int().min(1).max(10_000).default(10).describe("frames at most"),
    frequency_masks: masks.default(2),
    frequency_width: z.number().int().min(1).max(256).default(6).describe("bands at most"),
  })
    .optional()
    .describe("sounds: stretches of time and bands of frequency that are hidden"),
}).meta({ id: "Augmentation" });
export type Augmentation = z.output<typeof augmentation>;

/** What an augmentation is for. */
export const augmentationTypes: Record<keyof Augmentation, readonly ("image" | "audio")[]> = {
  shift: ["image", "audio"],
  flip: ["image"],
  rotate: ["image"],
  crop: ["image"],
  cut_out: ["image"],
  gain: ["audio"],
  noise: ["audio"],
  spec_augment: ["audio"],
};
