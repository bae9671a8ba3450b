import { type DecodeOptions, decodeSchema } from '../../input/image/decode/decodeImage.ts';
import { callback, check, object, optional, settings as settingsOf } from '../../tensor/settings.ts';
import { decodeSample } from '../samples/decodeSample.ts';
import type { BadSample, Region, Sample } from '../samples/sample.ts';
import { type AnnotateSettings, annotate, annotateRules } from './annotate.ts';
import type { Detector } from './detector.ts';

export interface AnnotateSamplesOptions extends AnnotateSettings {
  /** How image files become pixels: give the encoder's `decode`. */
  readonly decode?: DecodeOptions;
  /** Told of samples whose image cannot be used in training; they are left out. */
  readonly onBad?: (bad: BadSample) => void;
  /** Remembers what was found, so that work that was stopped can go on. Default: nothing is remembered. */
  readonly memory?: AnnotationMemory;
}

/** What was found in samples by earlier work with the same detector and settings. */
export interface AnnotationMemory {
  /** Undefined for a sample that nobody has looked at. */
  find(sample: Sample): Promise<readonly Region[] | undefined>;
  keep(sample: Sample, found: readonly Region[]): Promise<void>;
}

const samplesSchema = settingsOf<AnnotateSamplesOptions>({
  ...annotateRules,
  decode: optional(decodeSchema),
  onBad: optional(callback()),
  memory: optional(object('a memory of annotations')),
});

/** A region that came with the sample and not from an annotator. */
const isGiven = ({ score }: Region): boolean => score === undefined;

/**
 * Samples with pseudo-labelled regions, one after the other. All captions of a sample are searched. Regions that people
 * drew stay; those of an earlier annotation (they have a score) are replaced. Samples in which nothing is found are
 * passed on without.
 * @param detectorFor the detector of a sample; the same for all, or e.g. `({ regions = [] }) => knownBoxes(regions)`
 * @throws RangeError naming the option that is none, when the first sample is asked for
 * @example
 * const photos = readSource(await imageFolder('photos'));
 * const detector = heatmapDetector(await load());
 * for await (const { regions } of annotateSamples(photos, () => detector)) console.log(regions);
 */
export async function* annotateSamples(
  samples: AsyncIterable<Sample> | Iterable<Sample>,
  detectorFor: (sample: Sample) => Detector,
  options: AnnotateSamplesOptions = {},
): AsyncGenerator<Sample> {
  check('annotate', samplesSchema, options);
  const { onBad, decode, memory, ...settings } = options;
  for await (const sample of samples) {
    let found = await memory?.find(sample);
    if (!found) {
      const { decoded, bad } = await decodeSample({ sample }, decode);
      if (bad) {
        onBad?.(bad);
        continue;
      }
      found = await annotate(decoded.image, sample.captions, detectorFor(sample), settings);
      await memory?.keep(sample, found);
    }
    yield withRegions(sample, [...(sample.regions ?? []).filter(isGiven), ...found]);
  }
}

const withRegions = ({ regions: _, ...sample }: Sample, regions: readonly Region[]): Sample =>
  regions.length > 0 ? { ...sample, regions } : sample;
