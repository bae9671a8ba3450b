import { describe, expect, it } from 'vitest';
import type { FixedVisionConfig } from '../../../../src/model/config.ts';
import { collapseNotice } from '../../../../src/train/losses/selfSupervision/collapse.ts';
import { paperSelfSupervision } from '../../../../src/train/losses/selfSupervision/settings.ts';
import { stageObjective } from '../../../../src/train/timeline/stageObjective.ts';
import { tinyTimeline } from '../../timeline/tinyTimeline.ts';

const head = { layers: 1, hiddenSize: 8, bottleneckSize: 8, prototypes: 1000 };
const vision: FixedVisionConfig = {
  kind: 'fixed',
  ...{ imageSize: 32, patchSize: 8, channels: 3, useHead: true, numPatches: 16 },
  ...{ hiddenSize: 16, intermediateSize: 32, layers: 1, heads: 2, layerNormEps: 1e-6 },
};

describe('collapseNotice', () => {
  const settings = paperSelfSupervision(vision, 'base', head);
  const most = Math.log(head.prototypes);

  it('names the loss whose teacher tells nothing apart', () => {
    const notice = (teacherEntropy: number, patchTeacherEntropy: number, loss = most) =>
      collapseNotice(settings, {
        ...{ selfDistillation: loss, maskedPrediction: loss },
        ...{ teacherEntropy, patchTeacherEntropy },
      });
    expect(notice(0.9 * most, 0.9 * most)).toBeUndefined();
    expect(notice(0.99 * most, 1)).toMatch(/^self-distillation has collapsed.*viewColours/);
    expect(notice(0.99 * most, 1)).not.toContain('masked');
    expect(notice(1, most)).toMatch(/^masked prediction has collapsed/);
    expect(notice(most, most)).toMatch(/^self-distillation has .*; masked prediction has collapsed/);
    // A student that does better than guessing has something to learn from.
    expect(notice(most, most, 0.9 * most)).toBeUndefined();
    expect(collapseNotice(settings, {})).toBeUndefined();
  });

  it('knows the size of each head', () => {
    const smaller = { ...head, prototypes: 10 };
    const patches = { ...settings, maskedPrediction: { ...settings.maskedPrediction, head: smaller } };
    const metrics = { teacherEntropy: 1, maskedPrediction: 3, patchTeacherEntropy: Math.log(10) };
    expect(collapseNotice(patches, metrics)).toMatch(/^masked prediction/);
    const shared = {
      ...settings,
      maskedPrediction: { ...settings.maskedPrediction, head: 'shared' as const },
    };
    expect(collapseNotice(shared, metrics)).toBeUndefined();
  });

  it('is what a stage with these losses has to say, and no other', () => {
    const objectiveOf = (name: string) => {
      const timeline = tinyTimeline();
      const spec = timeline.stages.find((one) => one.name === name)!;
      return stageObjective(timeline, spec, { images: 2 });
    };
    expect(objectiveOf('pretraining').notice).toBeUndefined();
    expect(objectiveOf('distilled').notice?.({ selfDistillation: 100, teacherEntropy: 100 })).toMatch(
      /collapsed/,
    );
  });
});
