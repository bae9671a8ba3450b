import { load } from '../../../encoder/load.ts';
import type { SessionOptions } from '../../../tensor/index.ts';
import { sessionRules } from '../../../tensor/session.ts';
import { callback, check, object, optional, settings, text } from '../../../tensor/settings.ts';
import type { TrainState } from '../../step/state/state.ts';
import type { HeldOut } from '../best/keepBest.ts';
import { createSampler, type Sampler, type SamplesOptions, samplesSchema } from '../samples/sampler.ts';
import { savedNames, saveTrainedModel, type TrainedModel } from '../saveModel.ts';
import type { Stage } from '../stage.ts';
import { withCandidate } from './candidate.ts';
import type { Evaluations, StageEvaluations } from './evaluations.ts';
import { type Metric, prepareEvaluator } from './runEvaluators.ts';
import { checkScheduled, isDueAt, prefixOf, type ScheduledEvaluator } from './scheduled.ts';

export interface EvaluateStagesOptions {
  readonly runDir: string;
  /** What the model is beside its weights. */
  readonly model: TrainedModel;
  /** `prefix/metric` that chooses the best state. Default: none does. */
  readonly best?: string;
  /** Asks the models of some pictures too, for the run to be looked at. Default: nothing is asked. */
  readonly samples?: SamplesOptions;
  readonly session?: Pick<SessionOptions, 'threads' | 'device'>;
  /** Told what a person should know. Default: nobody is. */
  readonly onNotice?: (message: string) => void;
}

const { threads, device } = sessionRules;

const evaluateStagesSchema = settings<EvaluateStagesOptions>({
  runDir: text,
  model: object<TrainedModel>('a model beside its weights'),
  best: optional(text),
  samples: optional(samplesSchema),
  session: optional(settings<Pick<SessionOptions, 'threads' | 'device'>>({ threads, device })),
  onNotice: optional(callback()),
});

/** The evaluator that gives a metric. @throws RangeError naming those that there are */
function chooserOf(scheduled: readonly ScheduledEvaluator[], best: string): ScheduledEvaluator {
  const found = scheduled.find((one) => best.startsWith(`${prefixOf(one)}/`));
  if (found) return found;
  const prefixes = scheduled.map((one) => `${prefixOf(one)}/…`);
  throw new RangeError(
    `no evaluator gives ${best}, which should choose the best state; ${prefixes.length > 0 ? `there are ${prefixes.join(', ')}` : 'the recipe has no evaluators'}`,
  );
}

/** @throws RangeError naming the metrics that there are */
function valueOfBest(metrics: readonly Metric[], best: string): Metric {
  const found = metrics.find(({ name }) => name === best);
  if (found) return found;
  throw new RangeError(
    `no evaluator gave ${best}, which should choose the best state; there are ${metrics.map(({ name }) => name).join(', ')}`,
  );
}

/**
 * Evaluates the models of a run's stages as they are trained: the state of the moment is saved as a model beside the run,
 * loaded, evaluated and removed. So what is measured is what would be saved, at the cost of writing and reading the
 * weights once and of holding them twice more for as long (as they are, and as the engine packs them). Nothing of it
 * touches the training: not its state, its random numbers or its sessions.
 * @throws RangeError naming the field that is wrong, two evaluators of one prefix, or a metric that none gives
 * @example
 * async function run(stages: readonly [Stage, ...Stage[]], model: TrainedModel) {
 *   const scheduled = [{ evaluator: evaluators.get('zero-shot'), options: { data: await imageFolder('photos') }, every: 500 }];
 *   const evaluations = evaluateStages(scheduled, { runDir: 'runs/mine', model, best: 'zero-shot/top1' });
 *   return trainStages(stages, { runDir: 'runs/mine', saveEvery: 500, evaluations });
 * }
 */
export function evaluateStages(
  scheduled: readonly ScheduledEvaluator[],
  options: EvaluateStagesOptions,
): StageEvaluations<Stage> {
  checkScheduled(scheduled);
  check('evaluateStages', evaluateStagesSchema, options);
  const { runDir, model, best, samples, session = {}, onNotice = () => {} } = options;
  const chooser = best === undefined ? undefined : chooserOf(scheduled, best);
  /** Stages of which it was said that they are not evaluated. */
  const skipped = new Set<string>();
  const evaluators = scheduled.map((one) => prepareEvaluator(one, onNotice));

  const sampler = samples && createSampler(runDir, samples, onNotice);
  const isSampled = (step: number, total: number) =>
    samples?.every !== undefined && (step === total || step % samples.every === 0);

  async function metricsOf(
    state: TrainState,
    stage: Stage,
    step: number,
    wanted: typeof evaluators,
    sample?: Sampler,
  ) {
    return withCandidate(
      runDir,
      (folder) => saveTrainedModel(folder, model, state, stage, step),
      async (folder) => {
        const encoder = await load(folder, { ...session, onNotice });
        try {
          const found: Metric[] = [];
          for (const one of wanted) found.push(...(await one.run(encoder)));
          await sample?.(encoder, stage.name, step);
          return found;
        } finally {
          await encoder.dispose();
        }
      },
    );
  }

  /** Measures by one metric, again only where it is not known from an evaluation. */
  const heldOutOf = (
    { every }: ScheduledEvaluator,
    metric: string,
    known: ReadonlyMap<number, readonly Metric[]>,
    evaluate: (parameters: TrainState, step: number) => Promise<readonly Metric[]>,
  ): HeldOut => ({
    every: every ?? Number.MAX_SAFE_INTEGER,
    metric,
    async measure(parameters, step) {
      return valueOfBest(known.get(step) ?? (await evaluate(parameters, step)), metric);
    },
  });

  return {
    of(stage, rest, trained) {
      const { config } = stage.model ?? model;
      const known = new Set([...rest.keys(), ...trained]);
      const missing = savedNames({ config }).names.filter((name) => !known.has(name));
      if (missing.length > 0) {
        if (!skipped.has(stage.name))
          onNotice(
            `stage ${stage.name} is not evaluated: ${missing.length} parameters of the model are not trained yet, e.g. ${missing[0]}`,
          );
        skipped.add(stage.name);
        return undefined;
      }
      const last = new Map<number, readonly Metric[]>();
      const whole = (parameters: TrainState): TrainState => new Map([...rest, ...parameters]);
      const evaluations: Evaluations = {
        isDue: (step, total) => isSampled(step, total) || scheduled.some((one) => isDueAt(one, step, total)),
        async run(parameters, step, total) {
          const from = performance.now();
          const due = evaluators.filter((one) => isDueAt(one.scheduled, step, total));
          const found = await metricsOf(whole(parameters), stage, step, due, sampler);
          last.clear();
          last.set(step, found);
          const metrics = Object.fromEntries(found.map(({ name, value }) => [name, value]));
          return { step, metrics, seconds: (performance.now() - from) / 1000 };
        },
      };
      if (chooser === undefined || best === undefined) return evaluations;
      const choosing = evaluators.filter((one) => one.scheduled === chooser);
      const again = (parameters: TrainState, step: number) =>
        metricsOf(whole(parameters), stage, step, choosing);
      return { ...evaluations, heldOut: heldOutOf(chooser, best, last, again) };
    },
  };
}
