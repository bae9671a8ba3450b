import { z } from 'zod';
import { atLeastZero, check, optional, settings } from '../../tensor/settings.ts';
import type { Loss } from '../losses/loss.ts';
import { losses } from '../losses/registry.ts';
import { stageSelfSupervision } from './stageModel.ts';
import type { StageSpec, Timeline } from './timeline.ts';

/** A loss of a stage, and what the timeline says of it. */
export interface StageLoss {
  readonly loss: Loss;
  readonly settings: object;
  /** Undefined where the timeline says none. */
  readonly weight?: number | undefined;
}

/** The paper's losses have fields of their own in a timeline. */
const OWN_FIELDS: Readonly<Record<string, (timeline: Timeline, spec: StageSpec) => object>> = {
  locca: ({ locca = {} }) => locca,
  selfDistillation: stageSelfSupervision,
  maskedPrediction: stageSelfSupervision,
};

const entrySchema = z.looseObject({ weight: optional(atLeastZero) });

/** What `lossSettings` has for a loss, checked. */
function entryOf({ lossSettings = {} }: Timeline, { name, settings: rules }: Loss) {
  const schema = settings<object>({ weight: optional(atLeastZero), ...rules });
  const given = lossSettings[name] ?? {};
  check(`timeline.lossSettings.${name}`, schema, given);
  const { weight, ...own } = entrySchema.parse(given);
  return { weight, settings: own };
}

/**
 * The losses of a stage in the order in which they are added, with their settings.
 * @throws RangeError for a loss that is not registered, or naming the field of `lossSettings` that is wrong
 */
export function stageLosses(timeline: Timeline, spec: StageSpec): readonly StageLoss[] {
  const named = new Set(spec.losses.map((name) => losses.get(name)));
  return losses
    .all()
    .filter((loss) => named.has(loss))
    .map((loss) => {
      const own = Object.hasOwn(OWN_FIELDS, loss.name) ? OWN_FIELDS[loss.name] : undefined;
      return { loss, ...entryOf(timeline, loss), ...(own && { settings: own(timeline, spec) }) };
    });
}

/**
 * Checks what a timeline says of losses, whether a stage has them or not.
 * @throws RangeError naming the field that is wrong
 */
export function checkLossSettings(timeline: Timeline): void {
  const names = [
    ...Object.keys(timeline.lossSettings ?? {}),
    ...timeline.stages.flatMap((spec) => spec.losses),
  ];
  for (const name of new Set(names)) {
    const loss = losses.find(name);
    if (!loss)
      throw new RangeError(`timeline.lossSettings has no loss "${name}"; it may have ${lossNames()}`);
    entryOf(timeline, loss);
  }
}

/** The names of all losses, for messages. */
export const lossNames = (): string =>
  `${losses
    .all()
    .map(({ name }) => name)
    .join(', ')} (registerLoss adds others)`;
