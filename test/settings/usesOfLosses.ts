import { selfSupervision } from '../../src/train/losses/selfSupervision/selfSupervision.ts';
import { paperSelfSupervision } from '../../src/train/losses/selfSupervision/settings.ts';
import { tinyConfig } from '../cli/fixtures.ts';
import type { Use } from './uses.ts';

const { vision } = tinyConfig('fixed', 50);
if (vision.kind !== 'fixed') throw new Error('the tests’ model has one resolution');
const tower = vision;
const paper = paperSelfSupervision(tower, 'base');

const selfDistillation: Use = {
  right: paper.selfDistillation,
  enter: (one) => selfSupervision(tower, 1, { ...paper, selfDistillation: one }),
};

/** Settings of the losses on views. */
export const LOSS_USES: Readonly<Record<string, Use>> = {
  DistillationHeadConfig: { right: {}, enter: (one) => paperSelfSupervision(tower, 'base', one) },
  DistillSettings: selfDistillation,
  MaskedPredictionSettings: {
    right: paper.maskedPrediction,
    enter: (maskedPrediction) => selfSupervision(tower, 1, { ...paper, maskedPrediction }),
  },
  PrototypeCrossEntropyOptions: selfDistillation,
  SelfDistillationSettings: selfDistillation,
  SelfSupervisionSettings: { right: paper, enter: (one) => selfSupervision(tower, 1, one) },
};
