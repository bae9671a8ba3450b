import type { Encoder } from '../../encoder/encoder.ts';
import { askingAs } from './asking.ts';

/** The same encoder for work that gives way to requests, whoever began it: an index job. */
export function inBackground(encoder: Encoder, signal?: AbortSignal): Encoder {
  const asking = { isBackground: true, signal };
  return {
    ...encoder,
    embedTexts: (texts) => askingAs(asking, () => encoder.embedTexts(texts)),
    embedImages: (images, options) => askingAs(asking, () => encoder.embedImages(images, options)),
    embedLabels: (labels, options) => askingAs(asking, () => encoder.embedLabels(labels, options)),
    embedPatches: (images, options) => askingAs(asking, () => encoder.embedPatches(images, options)),
    imageFeatures: (images, options) => askingAs(asking, () => encoder.imageFeatures(images, options)),
    score: (images, texts, options) => askingAs(asking, () => encoder.score(images, texts, options)),
    classify: (images, labels, options) => askingAs(asking, () => encoder.classify(images, labels, options)),
  };
}
