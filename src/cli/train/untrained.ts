import { savedNames, type TrainedModel, untrainedText } from '../../train/run/saveModel.ts';
import type { Stage } from '../../train/run/stage.ts';
import { isLeaf, parentOf } from '../../train/run/stageTree.ts';

/** The names that a stage's state has by its own training; undefined where that is only known when it begins. */
function namesOf({ training }: Stage): readonly string[] | undefined {
  if ('make' in training || typeof training.initial === 'function') return undefined;
  return [...training.objective.parameters.keys(), ...(training.initial?.keys() ?? [])];
}

/** The stages of a line, from its last to the first. */
function lineOf(stages: readonly Stage[], last: number): Stage[] {
  const parent = parentOf(stages, last);
  return [stages[last]!, ...(parent === undefined ? [] : lineOf(stages, parent))];
}

/**
 * Says, before a run begins, that a model could not be saved at its end, as a parameter of it is trained nowhere.
 * It is no error yet: `enter` of a stage might add one.
 */
export function untrainedNotice(stages: readonly Stage[], model: TrainedModel): string | undefined {
  for (const [index, stage] of stages.entries()) {
    const known = lineOf(stages, index).map(namesOf);
    if (!isLeaf(stages, index) || known.includes(undefined)) continue;
    const trained = new Set(known.flatMap((names) => names ?? []));
    const { decoder } = model;
    const { names, decoderNames } = savedNames({
      config: (stage.model ?? model).config,
      ...(decoder && { decoder }),
    });
    const text = untrainedText([...names, ...decoderNames].filter((name) => !trained.has(name)));
    if (text !== undefined) return `${text}. Otherwise the model cannot be saved`;
  }
  return undefined;
}
