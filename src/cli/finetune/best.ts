import type { DescribedResult } from '../../evaluate/tasks/described.ts';
import { saveFinetuned } from '../../train/finetune/saveFinetuned.ts';
import type { HeldOut } from '../../train/run/best/keepBest.ts';
import { withCandidate } from '../../train/run/evaluation/candidate.ts';
import { UsageError } from '../support/errors.ts';
import { type CliIo, note } from '../support/io.ts';
import type { Keep } from '../train/keep.ts';
import { saveTrained } from '../train/saveTrained.ts';
import type { FinetuneData } from './data.ts';
import type { FinetuneOptions } from './options.ts';
import type { Prepared } from './prepared.ts';
import type { ResolvedSettings } from './settings.ts';

/** A run measures its model so often at most: each time costs an evaluation. */
const MOST_MEASUREMENTS = 10;

/** The share that is right: top-1 of classes, or R@1 of captions, both ways. */
const shareRight = (result: DescribedResult): number =>
  result.kind === 'classes' ? result.top1 : (result.textToImage.at1 + result.imageToText.at1) / 2;

/** An evaluation on the way takes the model's weights again, as they are and as the engine packs them. */
const WEIGHTS_TWICE = 2;

/**
 * Which state becomes the model, where nobody said: the best, if something is held out and there is memory to evaluate
 * with.
 * @throws UsageError when the best is asked for and nothing is held out
 */
export function keepOf(
  { validation }: FinetuneData,
  { cost, available }: Pick<ResolvedSettings, 'cost' | 'available'>,
  asked: Keep | undefined,
  found: Keep | undefined,
): Keep {
  if (asked === 'best' && validation.length === 0)
    throw new UsageError('--keep best needs images that are held out; name them with --validation');
  const fits = cost.total + WEIGHTS_TWICE * cost.memory.parameters <= available;
  return asked ?? found ?? (validation.length > 0 && fits ? 'best' : 'last');
}

/** Why a new run keeps its last state though something is held out; none where that was asked for. */
export const keepNotes = (keep: Keep, { validation }: FinetuneData, asked: Keep | undefined): string[] =>
  keep === 'last' && asked === undefined && validation.length > 0
    ? [
        'the last state becomes the model: there is too little memory to evaluate others on the way; --keep best tries it anyway',
      ]
    : [];

/** Saves each model that is to be measured as it will be saved, and evaluates that. */
export function measuring(
  { model, runDir, record }: Prepared,
  { saveAs }: FinetuneOptions,
  saveEvery: number,
  evaluate: (path: string) => Promise<DescribedResult | undefined>,
  io: CliIo,
): HeldOut {
  const saves = Math.ceil(record.steps / saveEvery);
  return {
    every: saveEvery * Math.ceil(saves / MOST_MEASUREMENTS),
    async measure(parameters, step) {
      return withCandidate(
        runDir,
        async (candidate) => {
          await saveTrained(
            (instead) => saveFinetuned(candidate, model, parameters, instead ?? saveAs, step),
            runDir,
            io,
          );
        },
        async (candidate) => {
          const result = await evaluate(candidate);
          const value = result ? shareRight(result) : 0;
          note(io, `held out after step ${step}: ${(100 * value).toFixed(1)} % right`);
          return value;
        },
      );
    },
  };
}
