import type { ModelFiles } from '../../src/checkpoint/huggingFace/directory.ts';
import { loccaDecoderConfig } from '../../src/model/locca/config.ts';
import type { Timeline } from '../../src/train/timeline/timeline.ts';
import { MINIATURE_FORMAT } from './vocabulary.ts';

/** The decoder that the timeline trains. */
export const ownDecoder = (timeline: Timeline, { config }: ModelFiles) => ({
  config: loccaDecoderConfig(config, timeline.locca?.decoder),
  format: MINIATURE_FORMAT,
});
