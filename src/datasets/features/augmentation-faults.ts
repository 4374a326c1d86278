// What a request asks of images and sounds by chance, against what the feature is.
import { type Augmentation, augmentationTypes } from "../../contract/augmentation.ts";
import type { FeatureRequest } from "../../contract/feature.ts";
import type { Fault } from "../../errors.ts";
import type { FeatureType } from "./catalogue.ts";

const mediaNames = { image: "images", audio: "sounds" };

/** An augmentation that means nothing for the feature would be lost without a word. */
export function augmentationFaults({ augment = {} }: FeatureRequest, type: FeatureType, pointer: string): Fault[] {
  if (type !== "image" && type !== "audio") return [];
  const names = Object.keys(augment) as (keyof Augmentation)[];
  return names
    .filter((name) => augment[name] !== undefined && !augmentationTypes[name].includes(type))
    .map((name) => ({
      pointer: `${pointer}/augment/${name}`,
      code: "option_does_not_fit",
      detail: `"${name}" is done to ${mediaNames[augmentationTypes[name][0]]}, not to ${mediaNames[type]}.`,
      hint: "Leave it out.",
    }));
}
