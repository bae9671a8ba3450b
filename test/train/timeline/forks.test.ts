import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FixedVisionConfig, ModelConfig, NaflexVisionConfig } from '../../../src/model/config.ts';
import { type Arrays, input, int32, mul, scalar, type Tensor, zeros } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { stageCosts } from '../../../src/train/cost/stageCost.ts';
import type { Carried, Objective } from '../../../src/train/losses/objective.ts';
import { contrastiveObjective } from '../../../src/train/losses/sigmoid/contrastive.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import type { Stage } from '../../../src/train/run/stage.ts';
import { modelDir, stageDir } from '../../../src/train/run/stageTree.ts';
import { latestState } from '../../../src/train/run/states.ts';
import { trainStages } from '../../../src/train/run/trainStages.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { scheduleAt } from '../../../src/train/step/optimizer/schedule.ts';
import { adaptVision } from '../../../src/train/step/state/adaptVision.ts';
import type { TrainState } from '../../../src/train/step/state/state.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-forks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAIRS = 3;
const tower = { hiddenSize: 8, intermediateSize: 12, layers: 1, heads: 2, layerNormEps: 1e-6 };
const vision = { ...tower, patchSize: 2, channels: 3, useHead: true };
const text = { ...tower, vocabSize: 11, length: 4, projectionSize: 8 };
const fixed = (imageSize: number): FixedVisionConfig => ({
  kind: 'fixed',
  ...vision,
  imageSize,
  numPatches: (imageSize / 2) ** 2,
});
const naflex: NaflexVisionConfig = { kind: 'naflex', ...vision, numPatches: 4 };
const objective = (config: ModelConfig['vision'], length?: number) =>
  contrastiveObjective({ vision: config, text }, { images: PAIRS, texts: PAIRS, ...(length && { length }) });

/** Random inputs of an objective; a pure function of the labels. NaFlex images fill their sequence but for one patch. */
function batch({ inputs }: Objective, ...labels: (string | number)[]): Arrays {
  const random = createRandom(5, ...labels);
  const draw = ({ dtype, shape }: Tensor) => {
    const array = zeros(dtype as 'float32', shape as number[]);
    return { ...array, data: array.data.map(() => (dtype === 'int32' ? random.int(11) : random.normal())) };
  };
  const drawn = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, draw(tensor)]));
  const ids = int32([PAIRS], [0, 1, 2]);
  const mask = inputs['pixel_attention_mask'];
  if (!mask) return { ...drawn, image_ids: ids, text_ids: ids };
  const length = mask.shape[1] as number;
  const rows = Array.from({ length: PAIRS }, () => Array.from({ length }, (_, i) => Number(i < length - 1)));
  return {
    ...drawn,
    image_ids: ids,
    text_ids: ids,
    pixel_attention_mask: int32([PAIRS, length], rows.flat()),
    spatial_shapes: int32(
      [PAIRS, 2],
      Array(PAIRS)
        .fill([1, length - 1])
        .flat(),
    ),
  };
}

const SCHEDULE = { totalSteps: 8, warmupSteps: 2 };
const common = { optimizer: { ...PAPER_OPTIMIZER, learningRate: 0.01 }, schedule: SCHEDULE, seed: 3 };

/** 0–4 at 4 pixels; from 4 on at 8 pixels; from 4 on as NaFlex with two lengths, stretched to 6 updates; straight on. */
function tree(): readonly [Stage, ...Stage[]] {
  const [small, large] = [objective(fixed(4)), objective(fixed(8))];
  const lengths = [objective(naflex, 5), objective(naflex, 3)];
  const at = (step: number) => lengths[step % 2]!;
  const straight = { ...common, objective: small };
  const start = input('start.logit_bias', 'float32', [1]);
  const carried: Carried = {
    tensor: start,
    initial: { kind: 'copyOf', parameter: 'logit_bias' },
    next: () => mul(start, scalar(1)),
  };
  return [
    {
      name: 'base',
      training: {
        ...straight,
        part: { steps: 4, from: 0, to: 4 },
        batchAt: (step) => batch(small, 'line', step),
      },
    },
    {
      name: 'large',
      training: {
        ...common,
        objective: large,
        part: { steps: 4, from: 4, to: 8, updatesBefore: 4 },
        batchAt: (step) => batch(large, 'large', step),
      },
      enter: (state) => adaptVision(state, fixed(4), fixed(8)),
      model: { config: { vision: fixed(8), text }, preprocessor: { kind: 'fixed' } as never },
    },
    {
      name: 'naflex',
      from: 'base',
      training: {
        ...common,
        objective: lengths[0]!,
        objectiveAt: at,
        part: { steps: 6, from: 4, to: 8, updatesBefore: 4 },
        batchAt: (step) => batch(at(step), 'naflex', step),
      },
      enter: (state) => adaptVision(state, fixed(4), naflex),
    },
    {
      name: 'straight',
      from: 'base',
      training: {
        ...straight,
        objective: { ...small, carried: new Map([['start.logit_bias', carried]]) },
        part: { steps: 4, from: 4, to: 8, updatesBefore: 4 },
        batchAt: (step) => batch(small, 'line', step + 4),
      },
    },
  ];
}

const asObject = (state: TrainState | undefined) =>
  Object.fromEntries([...(state ?? [])].map(([name, { shape, data }]) => [name, { shape, data: [...data] }]));

/** Every stage's end. */
async function ends(runDir: string) {
  const states = await Promise.all(tree().map((_, i) => latestState(stageDir(runDir, tree(), i))));
  return states.map((saved) => ({ step: saved?.step, state: asObject(saved?.state) }));
}

const run = (name: string, stop?: readonly [stage: string, step: number]) => {
  const control = new AbortController();
  return trainStages(tree(), {
    runDir: join(folder, name),
    saveEvery: 3,
    signal: control.signal,
    session: { threads: 1 },
    onProgress: ({ step }, stage) => {
      if (stop?.[0] === stage.name && stop[1] === step) control.abort();
    },
  });
};

describe('a run that forks', () => {
  it('continues one schedule, and each fork starts from where its parent ended', async () => {
    await run('whole');
    const [base, large, naflexEnd, straight] = await ends(join(folder, 'whole'));
    expect([base, large, naflexEnd, straight].map((end) => end?.step)).toEqual([4, 4, 6, 4]);
    const positions = 'vision_model.embeddings.position_embedding.weight';
    expect(large!.state[positions]!.shape).toEqual([16, 8]);
    expect(naflexEnd!.state['vision_model.embeddings.patch_embedding.weight']!.shape).toEqual([8, 12]);
    // The straight line in two stages is the run that was never cut.
    const objectiveOf = objective(fixed(4));
    const uncut = await trainStages(
      [
        {
          name: 'uncut',
          training: {
            ...common,
            objective: objectiveOf,
            batchAt: (step) => batch(objectiveOf, 'line', step),
          },
        },
      ],
      { runDir: join(folder, 'uncut'), saveEvery: 8, session: { threads: 1 } },
    );
    const { 'start.logit_bias': start, ...rest } = straight!.state;
    expect(rest).toEqual(asObject(uncut.state));
    // What the last stage carries was copied where it began.
    expect(start).toEqual(base!.state['logit_bias']);
    expect(start).not.toEqual(rest['logit_bias']);
    const rates = (await readLog(stageDir(join(folder, 'whole'), tree(), 2))).map(
      (entry) => entry['learningRate'],
    );
    expect(rates).toEqual([0, 1, 2, 3, 4, 5].map((step) => 0.01 * scheduleAt(4 + step * (4 / 6), SCHEDULE)));
  });

  it('stopped at stage borders and in the middle, ends in the same bits', async () => {
    // At a border, and in the middle of a stage whose parent is the one before, and of one whose parent is not.
    for (const stop of [
      ['base', 4],
      ['large', 2],
      ['naflex', 5],
    ] as const)
      expect((await run('broken', stop)).finished).toBe(false);
    expect((await run('broken')).finished).toBe(true);
    expect(await ends(join(folder, 'broken'))).toEqual(await ends(join(folder, 'whole')));
  });

  it('goes on with another number of threads, to the same numbers but for rounding', async () => {
    const control = new AbortController();
    const options = { runDir: join(folder, 'threads'), saveEvery: 8 };
    const [first] = tree();
    await trainStages([first], {
      ...options,
      session: { threads: 1 },
      signal: control.signal,
      onProgress: ({ step }) => step === 2 && control.abort(),
    });
    const { state } = await trainStages([first], { ...options, session: { threads: 2 } });
    const { state: whole } = (await latestState(stageDir(join(folder, 'whole'), tree(), 0)))!;
    for (const [name, { data }] of whole) {
      // Sums in another order differ by float32's rounding; Adam divides small gradients by their own size.
      const difference = data.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - state.get(name)!.data[i]!)),
        0,
      );
      expect(difference, name).toBeLessThan(1e-4);
    }
  });

  it('tells where each line ends, once more when it was finished', async () => {
    const models: string[] = [];
    await trainStages(tree(), {
      runDir: join(folder, 'whole'),
      saveEvery: 3,
      onModel: async ({ name }, index, { step }) => {
        models.push(`${name} ${step} ${modelDir('run', tree(), index)}`);
      },
    });
    expect(models).toEqual([
      'large 4 run/models/large',
      'naflex 6 run/models/naflex',
      'straight 4 run/models/straight',
    ]);
  });

  it('refuses a tree that is none', async () => {
    const [base, large] = tree() as readonly [Stage, Stage];
    const options = { runDir: join(folder, 'none'), saveEvery: 3 };
    await expect(trainStages([base, { ...large, from: 'naflex' }], options)).rejects.toThrow(
      'stage large starts from naflex, which is no earlier stage',
    );
    await expect(trainStages([base, base], options)).rejects.toThrow('two stages have the name base');
    const { training, ...rest } = base;
    // A recipe of before, which no compiler sees.
    const old = { ...rest, plan: training } as unknown as Stage;
    await expect(trainStages([old], options)).rejects.toThrow('stage base has no training');
    expect(() => stageCosts([old])).toThrow('`plan` was its name before');
  });

  it('refuses objectives of one stage that differ in their parameters', async () => {
    const [base] = tree();
    const other = objective(fixed(8));
    const plan = {
      ...common,
      objective: objective(fixed(4)),
      objectiveAt: () => other,
      batchAt: () => batch(other, 'x'),
    };
    await expect(
      trainStages([{ ...base, training: plan }], { runDir: join(folder, 'mixed'), saveEvery: 3 }),
    ).rejects.toThrow(/position_embedding/);
  });
});
