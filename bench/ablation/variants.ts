import type { TimelineName } from './timelines.ts';

/** One row of the ablation: where a line of training ends. */
export interface Variant {
  readonly name: string;
  readonly title: string;
  /** Whose stage it is (see timelines.ts). */
  readonly timeline: TimelineName;
  /** The stage that it ends with. */
  readonly stage: string;
  /** Whether a decoder was trained with the encoder to its end. */
  readonly ownDecoder: boolean;
}

const onAblation = (name: string, title: string, stage: string, ownDecoder: boolean): Variant => ({
  name,
  title,
  timeline: 'ablation',
  stage,
  ownDecoder,
});

/** A timeline of one stage, of the variant's name. */
const fromStart = (name: string, title: string, timeline: TimelineName): Variant => ({
  name,
  title,
  timeline,
  stage: name,
  ownDecoder: true,
});

/**
 * The paper's steps, one more in each row. Rows share what they have in common (the pre-training up to 80 %), and all
 * see the same examples at the same place of the schedule. The last two of the timeline's 100 % have 10 % more.
 */
export const VARIANTS: readonly Variant[] = [
  { name: 'sigmoid', title: 'sigmoid loss only', timeline: 'sigmoid', stage: 'sigmoid', ownDecoder: false },
  onAblation('locca', '+ decoder (LocCa)', 'pretraining-to-100', true),
  onAblation('self-supervision', '+ SILC/TIPS from 80 %', 'first-resolution', true),
  onAblation('naflex', 'NaFlex from 90 % (with LocCa)', 'naflex', true),
  onAblation('acid', '+ ACID, 10 % more examples', 'curation', false),
  onAblation('continuation', '10 % more examples without ACID', 'continuation', false),
  onAblation('larger', 'larger resolution from 95 %', 'larger-resolution', true),
  onAblation('naflex-one-length', 'NaFlex from 90 %, one length', 'naflex-one-length', true),
  fromStart('self-supervision-throughout', '+ SILC/TIPS from 0 %', 'selfSupervisionThroughout'),
  fromStart(
    'self-supervision-dino-colours',
    "+ SILC/TIPS from 0 %, DINO's colours",
    'selfSupervisionDinoColours',
  ),
  fromStart('naflex-throughout', 'NaFlex from 0 %', 'naflexThroughout'),
  fromStart('naflex-one-length-throughout', 'NaFlex from 0 %, one length', 'naflexOneLengthThroughout'),
];

/**
 * What is run by default: all up to the resolution fork, which has more to look at than the others. Those after it are
 * other than the paper's, and ask why a step of the paper shows what it shows here.
 */
export const DEFAULT_VARIANTS = VARIANTS.map(({ name }) => name).slice(
  0,
  VARIANTS.findIndex(({ name }) => name === 'larger'),
);

/** @throws RangeError naming the variants that there are */
export function variantsNamed(names: readonly string[]): Variant[] {
  const unknown = names.find((name) => !VARIANTS.some((variant) => variant.name === name));
  if (unknown !== undefined) {
    const known = VARIANTS.map(({ name }) => name).join(', ');
    throw new RangeError(`there is no variant '${unknown}'; there are ${known}`);
  }
  return VARIANTS.filter(({ name }) => names.includes(name));
}
