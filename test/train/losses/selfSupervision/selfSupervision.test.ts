import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/checkpoint/huggingFace/config.ts';
import type { FixedVisionConfig, ModelConfig } from '../../../../src/model/config.ts';
import { DINO_HEAD } from '../../../../src/model/distillationHead.ts';
import { twoTowers } from '../../../../src/model/twoTowers.ts';
import type { ParameterTable } from '../../../../src/nn/parameters.ts';
import {
  type Arrays,
  compile,
  float32,
  grad,
  mul,
  scalar,
  sub,
  type Tensor,
} from '../../../../src/tensor/index.ts';
import { selfSupervision } from '../../../../src/train/losses/selfSupervision/selfSupervision.ts';
import {
  localViewSize,
  paperSelfSupervision,
  type SelfSupervisionSettings,
  SIZE_FACTORS,
} from '../../../../src/train/losses/selfSupervision/settings.ts';
import { readBy } from '../../../support/arrays.ts';
import { fixturePath, readFixture, relativeError } from '../../../support/fixtures.ts';

const FIXTURE = 'self_supervision/tiny.safetensors';
/** The fixture's teacher is the student times this; its step is plain gradient descent, long enough to show in the teacher. */
const TEACHER_SCALE = 0.8;
const LEARNING_RATE = 5;

const head = (prototypes: number) => ({ layers: 3, hiddenSize: 20, bottleneckSize: 8, prototypes });

function fixtureSettings(config: FixedVisionConfig): SelfSupervisionSettings {
  const paper = paperSelfSupervision(config, 'base');
  return {
    ...paper,
    selfDistillation: { ...paper.selfDistillation, head: head(12), views: 3, localSize: 12 },
    maskedPrediction: { ...paper.maskedPrediction, head: head(10) },
  };
}

async function tinyConfig(): Promise<ModelConfig & { readonly vision: FixedVisionConfig }> {
  const { vision, text } = parseConfig(
    JSON.parse(await readFile(fixturePath('model/tiny-fixed/config.json'), 'utf8')),
  );
  if (vision.kind !== 'fixed') throw new Error('the fixture is a fixed-resolution model');
  return { vision, text };
}

/** Values of every graph input: the student from the fixtures, the teacher scaled from it. */
async function feedsOf(parameters: ParameterTable, carried: Iterable<string>): Promise<Arrays> {
  const weights = await readFixture('model/tiny-fixed/model.safetensors');
  const fixture = await readFixture(FIXTURE);
  const stored = (name: string) => {
    const value = fixture.get(name) ?? weights.get(name);
    if (!value) throw new Error(`no value for ${name}`);
    return value;
  };
  const teacherOf = (name: string) => {
    const { shape, data } = stored(name.slice('teacher.'.length));
    return float32(
      shape,
      Array.from(data, Number).map((value) => value * TEACHER_SCALE),
    );
  };
  const names = [...parameters.keys(), 'global_views', 'local_views', 'masked_positions'];
  return {
    ...Object.fromEntries(names.map((name) => [name, stored(name)])),
    ...Object.fromEntries(
      [...carried].map((name) => [name, name.startsWith('teacher.') ? teacherOf(name) : stored(name)]),
    ),
  };
}

async function evaluate(outputs: Readonly<Record<string, Tensor>>, feeds: Arrays): Promise<Arrays> {
  const session = await compile({ outputs }, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

describe('self-distillation and masked prediction', () => {
  let vision: FixedVisionConfig;
  let result: Arrays;
  let parameters: ParameterTable;
  let carriedNames: string[];

  beforeAll(async () => {
    ({ vision } = await tinyConfig());
    const part = selfSupervision(vision, 2, fixtureSettings(vision));
    parameters = part.parameters;
    carriedNames = [...part.carried.keys()];
    const names = [...parameters.keys()];
    const tensors = names.map((name) => parameters.get(name)!.tensor);
    const gradients = grad(part.loss, tensors);
    const moved = new Map(
      names.map((name, i) => [name, sub(tensors[i]!, mul(gradients[i]!, scalar(LEARNING_RATE)))]),
    );
    result = await evaluate(
      {
        loss: part.loss,
        ...part.metrics,
        ...Object.fromEntries(names.map((name, i) => [`gradient.${name}`, gradients[i]!])),
        ...Object.fromEntries([...part.carried].map(([name, { next }]) => [`next.${name}`, next(moved)])),
      },
      await feedsOf(parameters, carriedNames),
    );
  });

  // 1e-4: float32 against float64, through two blocks, a head and temperatures that magnify rounding 25-fold.
  it.each([
    ['loss', 'loss'],
    ['selfDistillation', 'self_distillation'],
    ['maskedPrediction', 'masked_prediction'],
    ['teacherEntropy', 'teacher_entropy'],
    ['patchTeacherEntropy', 'patch_teacher_entropy'],
  ])('%s equals PyTorch', async (name, reference) => {
    const fixture = await readFixture(FIXTURE);
    expect(relativeError(result[name], fixture.get(reference))).toBeLessThan(1e-4);
  });

  it('every gradient equals PyTorch', async () => {
    const fixture = await readFixture(FIXTURE);
    const expected = [...fixture.keys()].filter((name) => name.startsWith('gradient.'));
    expect(expected.map((name) => name.slice('gradient.'.length)).sort()).toEqual(
      [...parameters.keys()].sort(),
    );
    for (const name of expected) {
      // A constant added to every key moves no softmax: the true gradient of this bias is zero.
      const zero = name.endsWith('k_proj.bias');
      const error = relativeError(result[name], fixture.get(name));
      const largest = Math.max(...Array.from(fixture.get(name)!.data, Number).map(Math.abs));
      expect(largest, name).toBeGreaterThan(zero ? -1 : 1e-6);
      expect(zero && largest < 1e-6 ? 0 : error, name).toBeLessThan(1e-4);
    }
  });

  it('the next teacher and the next centres equal PyTorch', async () => {
    const fixture = await readFixture(FIXTURE);
    const expected = [...fixture.keys()].filter((name) => name.startsWith('next.'));
    expect(expected.length).toBeGreaterThan(15);
    for (const name of expected) {
      expect(relativeError(result[name], fixture.get(name)), name).toBeLessThan(1e-5);
    }
  });

  it('every parameter of tower and heads has a teacher, and the mask token has none', () => {
    const followed = carriedNames.filter((name) => name.startsWith('teacher.'));
    expect(followed.map((name) => name.slice('teacher.'.length)).sort()).toEqual(
      [...parameters.keys()].filter((name) => !name.endsWith('mask_token')).sort(),
    );
    expect(carriedNames.filter((name) => !name.startsWith('teacher.'))).toEqual([
      'centre.distillation',
      'centre.masked_prediction',
    ]);
  });
});

describe('each of them alone', () => {
  const PARTS = {
    selfDistillation: {
      inputs: ['global_views', 'local_views'],
      reports: { selfDistillation: 'self_distillation', teacherEntropy: 'teacher_entropy' },
      centre: 'centre.distillation',
      heads: ['distillation_head'],
    },
    maskedPrediction: {
      inputs: ['global_views', 'masked_positions'],
      reports: { maskedPrediction: 'masked_prediction', patchTeacherEntropy: 'patch_teacher_entropy' },
      centre: 'centre.masked_prediction',
      heads: ['masked_prediction_head'],
    },
  } as const;
  const sums = new Map<string, number[]>();

  it.each(['selfDistillation', 'maskedPrediction'] as const)('%s equals PyTorch', async (name) => {
    const { vision } = await tinyConfig();
    const { inputs, reports, centre, heads } = PARTS[name];
    const settings = fixtureSettings(vision);
    const part = selfSupervision(vision, 2, settings, new Map(), [name]);
    expect(Object.keys(part.inputs)).toEqual(inputs);
    const names = [...part.parameters.keys()];
    expect(new Set(names.map((one) => one.split('.')[0]))).toEqual(new Set(['vision_model', ...heads]));
    expect([...part.carried.keys()].filter((one) => one.startsWith('centre.'))).toEqual([centre]);
    const gradients = grad(
      part.loss,
      names.map((one) => part.parameters.get(one)!.tensor),
    );
    const own = new Map([...part.parameters].map(([one, { tensor }]) => [one, tensor]));
    const outputs = {
      loss: part.loss,
      ...part.metrics,
      centre: part.carried.get(centre)!.next(own),
      ...Object.fromEntries(names.map((one, i) => [`gradient.${one}`, gradients[i]!])),
    };
    const session = await compile({ outputs }, { threads: 1 });
    const found = await session.run(
      readBy(session, await feedsOf(part.parameters, [...part.carried.keys()])),
    );
    await session.dispose();
    const fixture = await readFixture(FIXTURE);
    for (const [metric, reference] of Object.entries(reports))
      expect(relativeError(found[metric], fixture.get(reference)), metric).toBeLessThan(1e-4);
    expect(relativeError(found['centre'], fixture.get(`next.${centre}`))).toBeLessThan(1e-5);
    const factor = settings.sizeFactor * settings[name].weight;
    expect(Number(found['loss']!.data[0])).toBeCloseTo(factor * Number(found[name]!.data[0]), 5);
    for (const one of names) {
      const values = Array.from(found[`gradient.${one}`]!.data, Number);
      sums.set(
        one,
        values.map((value, i) => value + (sums.get(one)?.[i] ?? 0)),
      );
    }
  });

  it('their gradients add up to those of both', async () => {
    const fixture = await readFixture(FIXTURE);
    expect(sums.size).toBeGreaterThan(30);
    for (const [name, sum] of sums) {
      if (name.endsWith('k_proj.bias')) continue;
      const expected = fixture.get(`gradient.${name}`)!;
      expect(relativeError(float32(expected.shape, sum), expected), name).toBeLessThan(1e-4);
    }
  });

  it('a shared head is self-distillation’s, whether that is trained or not', async () => {
    const { vision } = await tinyConfig();
    const settings = fixtureSettings(vision);
    const maskedPrediction = { ...settings.maskedPrediction, head: 'shared' as const };
    const losses = ['maskedPrediction'] as const;
    const part = selfSupervision(vision, 2, { ...settings, maskedPrediction }, new Map(), losses);
    expect(part.parameters.get('distillation_head.prototypes.weight')!.shape).toEqual([12, 8]);
    expect(() => selfSupervision(vision, 2, settings, new Map(), [])).toThrow('losses is []');
  });
});

describe('isolation', () => {
  it('the text tower, the temperature, the bias, the teacher and the centres get no gradient at all', async () => {
    const config = await tinyConfig();
    const model = twoTowers(config, { images: 2, texts: 2 });
    const part = selfSupervision(config.vision, 2, fixtureSettings(config.vision), model.parameters);
    expect(part.parameters).toBe(model.parameters);
    const outside = [...model.parameters].filter(([name]) => /^(?:text_model|logit_)/.test(name));
    expect(outside.length).toBeGreaterThan(30);
    const tensors = [
      ...outside.map(([, { tensor }]) => tensor),
      ...[...part.carried.values()].map((c) => c.tensor),
    ];
    // Not small numbers but no path: the gradient is a constant of the graph.
    for (const gradient of grad(part.loss, tensors)) {
      expect(gradient.node.primitive.name).toBe('constant');
      expect(gradient.node.attributes['array']).toMatchObject({ data: expect.any(Float32Array) });
      const { data } = gradient.node.attributes['array'] as { data: Float32Array };
      expect(data.every((value) => value === 0)).toBe(true);
    }
    const [probe] = grad(part.loss, [model.parameters.get('vision_model.head.probe')!.tensor]);
    expect(probe!.node.primitive.name).not.toBe('constant');
  });

  it('adds no vision tower: the student is the one of the model', async () => {
    const config = await tinyConfig();
    const model = twoTowers(config, { images: 2, texts: 2 });
    const before = [...model.parameters.keys()];
    const part = selfSupervision(config.vision, 2, fixtureSettings(config.vision), model.parameters);
    const added = [...part.parameters.keys()].filter((name) => !before.includes(name));
    expect(added.filter((name) => !/^(?:distillation_head|masked_prediction_head)\./.test(name))).toEqual([]);
  });
});

describe('settings', () => {
  it("are the paper's: k by size, weights 1 and 0.25, 8 views, half of the patches", async () => {
    expect(SIZE_FACTORS).toEqual({ base: 0.25, large: 0.5, so400m: 1, 'giant-opt': 0.5 });
    const { vision } = await tinyConfig();
    const { selfDistillation, maskedPrediction, sizeFactor } = paperSelfSupervision(vision, 'large');
    expect([sizeFactor, selfDistillation.weight, maskedPrediction.weight]).toEqual([0.5, 1, 0.25]);
    expect([selfDistillation.views, maskedPrediction.ratio]).toEqual([8, 0.5]);
  });

  it('local views scale with the resolution, in whole patches', async () => {
    const { vision } = await tinyConfig();
    const size = (imageSize: number, patchSize: number) => localViewSize({ ...vision, imageSize, patchSize });
    expect([size(256, 16), size(512, 16), size(384, 14), size(16, 4), size(8, 8)]).toEqual([
      96, 192, 140, 8, 8,
    ]);
  });

  it('a shared head declares no second one, and both losses move it', async () => {
    const { vision } = await tinyConfig();
    const settings = fixtureSettings(vision);
    const part = selfSupervision(vision, 2, {
      ...settings,
      maskedPrediction: { ...settings.maskedPrediction, head: 'shared' },
    });
    const names = [...part.parameters.keys()].filter((name) => name.startsWith('masked_prediction_head'));
    expect(names).toEqual(['masked_prediction_head.mask_token']);
    const prototypes = part.parameters.get('distillation_head.prototypes.weight')!.tensor;
    for (const metric of ['selfDistillation', 'maskedPrediction']) {
      expect(grad(part.metrics[metric]!, [prototypes])[0]!.node.primitive.name).not.toBe('constant');
    }
    expect(part.carried.get('centre.masked_prediction')!.tensor.shape).toEqual([12]);
  });

  it('completes what is given of a head with DINO’s, and names what is wrong', async () => {
    const { vision } = await tinyConfig();
    const half = paperSelfSupervision(vision, 'base', { prototypes: 32 });
    for (const { head } of [half.selfDistillation, half.maskedPrediction])
      expect(head).toEqual({ ...DINO_HEAD, prototypes: 32 });
    const { parameters } = selfSupervision(vision, 2, half);
    expect(parameters.get('distillation_head.prototypes.weight')!.shape).toEqual([32, 256]);
    const wrong = (head: object) => () => paperSelfSupervision(vision, 'base', head);
    expect(wrong({ prototypes: 0 })).toThrow('head.prototypes is 0; it must be a whole number of at least 1');
    expect(wrong({ protoypes: 8 })).toThrow('head has no setting "protoypes"');
    expect(wrong({ layers: undefined })).toThrow('head.layers is missing');
  });

  it('refuses what cannot be', async () => {
    const { vision } = await tinyConfig();
    const settings = fixtureSettings(vision);
    const { maskedPrediction, selfDistillation } = settings;
    const build = (changes: Partial<SelfSupervisionSettings>) => () =>
      selfSupervision(vision, 2, { ...settings, ...changes });
    expect(build({ maskedPrediction: { ...maskedPrediction, ratio: 1 } })).toThrow(/masks 16/);
    expect(build({ maskedPrediction: { ...maskedPrediction, teacherTemperature: 0 } })).toThrow(
      /teacherTemperature is 0/,
    );
    expect(build({ selfDistillation: { ...selfDistillation, centreMomentum: 1.5 } })).toThrow(
      /centreMomentum/,
    );
    expect(build({ selfDistillation: { ...selfDistillation, localSize: 3 } })).toThrow(/localSize is 3/);
    expect(build({ selfDistillation: { ...selfDistillation, views: 0 } })).toThrow(/views is 0/);
    // The check of `ratio`, not of what it masks, where it is no share at all.
    expect(build({ maskedPrediction: { ...maskedPrediction, ratio: -0.5 } })).toThrow(
      /selfSupervision.maskedPrediction.ratio is -0.5; it must be a number from 0 to 1/,
    );
    expect(build({ teacherMomentum: 1.1 })).toThrow(/teacherMomentum is 1.1/);
  });
});
