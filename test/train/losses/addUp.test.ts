import { expect, it } from 'vitest';
import { compile, input, scalar } from '../../../src/tensor/index.ts';
import { addUp } from '../../../src/train/losses/addUp.ts';

const part = (name: string, value: number, weight = 1) => ({ name, weight, loss: scalar(value) });

async function sumOf(parts: Parameters<typeof addUp>[0]): Promise<number> {
  const session = await compile({ outputs: { loss: addUp(parts).loss } }, { threads: 1 });
  const { loss } = await session.run({});
  await session.dispose();
  return Number(loss!.data[0]);
}

it('adds losses with their weights, those of a group with its factor', async () => {
  const group = { name: 'views', factor: 0.5 };
  const parts = [part('a', 1), { ...part('b', 2, 3), group }, { ...part('c', 4), group }, part('d', 8, 0.25)];
  expect(await sumOf(parts)).toBe(1 + 0.5 * (6 + 4) + 2);
  // What needs no product has none.
  expect(addUp([parts[0]!]).loss).toBe(parts[0]!.loss);
});

it('reports each by its name, in a group the losses first', () => {
  const group = { name: 'views', factor: 1 };
  const parts = ['a', 'b'].map((name) => ({ ...part(name, 1), group, metrics: { [`${name}2`]: scalar(1) } }));
  expect(Object.keys(addUp([part('first', 0), ...parts]).metrics)).toEqual(['first', 'a', 'b', 'a2', 'b2']);
});

it('lets losses share an input, and refuses two things under one name', () => {
  const shared = input('views', 'float32', [1]);
  const [a, b] = ['a', 'b'].map((name) => ({ ...part(name, 1), inputs: { views: shared } }));
  expect(addUp([a!, b!]).inputs).toEqual({ views: shared });
  const other = { ...b!, inputs: { views: input('views', 'float32', [2]) } };
  expect(() => addUp([a!, other])).toThrow('two losses have an input named views; rename one of them');
  expect(() => addUp([a!, { ...b!, metrics: { a: scalar(1) } }])).toThrow('two losses have a metric named a');
});

it('says what each loss has to say', () => {
  const parts = ['a', 'b'].map((name) => ({ ...part(name, 1), notice: () => `${name} has collapsed` }));
  expect(addUp(parts).notice?.({})).toBe('a has collapsed; b has collapsed');
  expect(addUp([{ ...parts[0]!, notice: () => undefined }]).notice?.({})).toBeUndefined();
  expect(addUp([part('a', 1)]).notice).toBeUndefined();
});
