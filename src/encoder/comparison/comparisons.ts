import { check } from '../../tensor/settings.ts';
import { classifySchema, imageSchema, labelsSchema } from '../callOptions.ts';
import { labelPrompts, matchProbabilities, rankLabels } from '../classify.ts';
import type { Encoder } from '../encoder.ts';
import { embedPrompts } from './embedPrompts.ts';

/** What embeds, and how a model compares. */
type Towers = Pick<Encoder, 'logitScalars' | 'templates' | 'embedImages' | 'embedTexts'>;

/** What an encoder does with images and texts together, by what embeds each of them. */
export function comparisons(towers: Towers): Pick<Encoder, 'embedLabels' | 'score' | 'classify'> {
  const { logitScalars, templates: usual } = towers;

  const embedLabels: Encoder['embedLabels'] = async (labels, asked = {}) => {
    check('embedLabels', labelsSchema, asked);
    return embedPrompts(towers, labelPrompts(labels, asked.templates ?? usual));
  };

  return {
    embedLabels,
    async score(images, texts, asked = {}) {
      check('score', imageSchema, asked);
      const [a, b] = [await towers.embedImages(images, asked), await towers.embedTexts(texts)];
      return matchProbabilities(a, b, logitScalars);
    },
    async classify(images, labels, asked = {}) {
      check('classify', classifySchema, asked);
      if (labels.length === 0) throw new RangeError('classify needs at least one label');
      const { templates, ...imageOptions } = asked;
      const classes = await embedLabels(labels, { templates });
      return rankLabels(await towers.embedImages(images, imageOptions), labels, classes, logitScalars);
    },
  };
}
