import type { Evaluator } from '../../src/evaluate/evaluator.ts';
import { progressRules } from '../../src/evaluate/evaluator.ts';
import { evaluators } from '../../src/evaluate/index.ts';
import { mappedSamples } from '../../src/evaluate/mappedSamples.ts';
import { fitDenseProbe } from '../../src/evaluate/probes/denseProbe.ts';
import { embedSamples, sampleFeatures } from '../../src/evaluate/samples.ts';
import { evaluateRetrieval } from '../../src/evaluate/tasks/retrieval.ts';
import { rank } from '../../src/search/bundle/rank.ts';
import { serve } from '../../src/server/serve.ts';
import { compile } from '../../src/tensor/compile.ts';
import { input } from '../../src/tensor/index.ts';
import { evaluateStages } from '../../src/train/run/evaluation/evaluateStages.ts';
import { prepareEvaluator } from '../../src/train/run/evaluation/runEvaluators.ts';
import type { Use } from './uses.ts';

const encoder = {} as never;
const data = { kind: 'indexed', name: 'none', size: 0, read: () => Promise.reject(new Error('none')) };

const first = (task: string): Use => ({
  right: { data },
  enter: (options: object) => evaluators.get(task).run(encoder, options)[Symbol.asyncIterator]().next(),
});
const counting: Evaluator = {
  name: 'counting',
  description: 'Counts to nothing.',
  options: progressRules,
  async *run() {},
};
const x = input('x', 'float32', [1]);

/** Settings of evaluation, search and the server, and of running a graph. */
export const EVALUATION_USES: Readonly<Record<string, Use>> = {
  AccessOptions: { right: { model: 'no such directory', signals: false }, enter: (one) => serve(one) },
  DataOptions: { right: { data }, enter: (one) => embedSamples(encoder, one) },
  'DataOptions of features': { right: { data }, enter: (one) => sampleFeatures(encoder, one).next() },
  DenseProbeOptions: { right: { regularisation: 1 }, enter: (one) => fitDenseProbe([], () => encoder, one) },
  EvaluateStagesOptions: { right: { runDir: 'none', model: {} }, enter: (one) => evaluateStages([], one) },
  FewShotTaskOptions: first('few-shot'),
  MapOptions: { right: { data, maps: 'none' }, enter: (one) => mappedSamples(encoder, one) },
  ProgressOptions: {
    right: {},
    enter: (options) => prepareEvaluator({ evaluator: counting, options }, () => {}).run(encoder),
  },
  RankOptions: {
    right: { limit: 1 },
    enter: (one) => rank({ embeddings: {}, items: [] } as never, {} as never, {} as never, one),
  },
  ReferringTaskOptions: first('referring'),
  RetrievalOptions: { right: {}, enter: (one) => evaluateRetrieval(encoder, [], one) },
  SamplesOptions: {
    right: { data },
    enter: (samples) => evaluateStages([], { runDir: 'none', model: {}, samples } as never),
  },
  ServeOptions: { right: { model: 'no such directory', signals: false }, enter: (one) => serve(one) },
  SessionOptions: { right: {}, enter: async (one) => (await compile({ outputs: { x } }, one)).dispose() },
};
