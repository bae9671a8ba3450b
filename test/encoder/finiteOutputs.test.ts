import { expect, it } from 'vitest';
import { finiteOutputs, NotFiniteError, naming } from '../../src/encoder/towers/finiteOutputs.ts';
import { float32 } from '../../src/tensor/ndarray.ts';

const unused = async () => {};
const answering = (values: readonly number[]) =>
  finiteOutputs({
    run: async () => ({ rows: float32([values.length / 2, 2], values) }),
    dispose: unused,
  } as unknown as Parameters<typeof finiteOutputs>[0]);

it('names the caller’s item, wherever it lies in the run', async () => {
  const session = answering([1, 2, 3, Number.NaN, 5, 6]);
  const places = [7, 4, 9];
  const error: unknown = await naming(session.run({}), 'image', (item) => places[item]).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(NotFiniteError);
  expect(String(error)).toContain('rows of image 4 (from 0) holds NaN or infinity');
  await expect(session.run({})).rejects.toThrow('rows of item 1 of the batch');
  await expect(naming(answering([1, 2]).run({}), 'text', (item) => item)).resolves.toHaveProperty('rows');
  await expect(naming(Promise.reject(new Error('else')), 'text', (item) => item)).rejects.toThrow('else');
});
