import { z } from 'zod';
import { textSchema, towerSchema } from '../../model/config.ts';
import {
  atLeastZero,
  count,
  kinds,
  listOf,
  object,
  oneOf,
  optional,
  positive,
  settings,
  share,
  shareBelowOne,
  text,
  wholeNumber,
} from '../../tensor/settings.ts';
import { loccaSchema } from '../losses/locca/locca.ts';
import { losses } from '../losses/registry.ts';
import { selfSupervisionSchema } from '../losses/selfSupervision/settings.ts';
import { optimizerSchema } from '../step/optimizer/rules.ts';
import { lossNames } from './stageLosses.ts';
import type {
  ExtraExtent,
  FixedImages,
  LossName,
  NaflexImages,
  SharedExtent,
  StageCuration,
  StageSpec,
  Timeline,
} from './timeline.ts';

const images = kinds<FixedImages | NaflexImages>({
  fixed: settings<FixedImages>({ kind: oneOf(['fixed']), resolution: count, patchSize: count }),
  naflex: settings<NaflexImages>({
    kind: oneOf(['naflex']),
    patchSize: count,
    grid: count,
    lengths: listOf(settings<NaflexImages['lengths'][number]>({ length: count, batch: count }), 1),
  }),
});

const extent = kinds<SharedExtent | ExtraExtent>({
  share: settings<SharedExtent>({
    kind: oneOf(['share']),
    start: share,
    end: share,
    stretch: optional(positive),
  }),
  extra: settings<ExtraExtent>({
    kind: oneOf(['extra']),
    examples: positive,
    learningRate: atLeastZero,
    weightDecay: atLeastZero,
    warmupSteps: wholeNumber,
  }),
});

/** Losses may be registered after this schema is made, so it asks when it checks. */
const lossName = z.custom<LossName>(
  (value) => typeof value === 'string' && losses.find(value) !== undefined,
  {
    error: () => `one of ${lossNames()}`,
  },
);

const spec = settings<StageSpec>({
  name: text,
  from: optional(text),
  extent,
  losses: listOf(lossName, 1),
  images,
  moments: optional(oneOf(['keep', 'resetResized', 'reset'])),
  curation: optional(settings<StageCuration>({ filterRatio: shareBelowOne, chunks: count, teacher: text })),
  release: optional(text),
});

/** What a timeline is made of; how its stages follow each other is checked apart. */
export const timelineSchema = settings<Timeline>({
  name: text,
  model: settings<Timeline['model']>({ vision: towerSchema, text: textSchema }),
  examples: positive,
  batch: count,
  warmupSteps: wholeNumber,
  optimizer: optimizerSchema,
  locca: optional(
    settings<NonNullable<Timeline['locca']>>({
      // Completed, and then checked, where the decoder is made.
      decoder: optional(object('an object with settings')),
      settings: optional(loccaSchema),
    }),
  ),
  selfSupervision: selfSupervisionSchema,
  lossSettings: optional(object('an object with settings by the names of losses')),
  stages: listOf(spec, 1) as never,
});
