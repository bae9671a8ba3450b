/**
 * What the options of an encoder's calls must be. How many patches there may be depends on the model too: that is checked
 * where the model is known.
 * @module
 */

import { patchesRule } from '../input/image/naflex/patchBudget.ts';
import { callback, optional, type Rules, settings } from '../tensor/settings.ts';
import { templatesRule } from './classify.ts';
import type { ClassifyOptions, EmbedImagesOptions, ImageOptions } from './encoder.ts';

const imageRules: Rules<ImageOptions> = { maxNumPatches: optional(patchesRule) };
const classifyRules: Rules<ClassifyOptions> = { templates: optional(templatesRule) };

export const imageSchema = settings<ImageOptions>(imageRules);

export const embedImagesSchema = settings<EmbedImagesOptions>({ ...imageRules, onBad: optional(callback()) });

export const labelsSchema = settings<ClassifyOptions>(classifyRules);

export const classifySchema = settings<ClassifyOptions & ImageOptions>({ ...imageRules, ...classifyRules });
