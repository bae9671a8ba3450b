import koffi from 'koffi';
import { expect, it } from 'vitest';
import { createSession } from '../../../../src/tensor/engines/onnxruntime/createSession.ts';
import { libraryPath } from '../../../../src/tensor/engines/onnxruntime/native/library.ts';
import { float32 } from '../../../../src/tensor/ndarray.ts';
import { model } from './fixtures.ts';

it('falls back to the binding where the C interface does not load, and says why when it is demanded', async () => {
  // Once a library is loaded, koffi's stacks can't grow any more.
  const lib = koffi.load(libraryPath());
  lib.func('void *OrtGetApiBase()')();
  await expect(createSession(model('scalar'), { transport: 'c-api' })).rejects.toThrow(/koffi\.config/);
  const session = await createSession(model('scalar'), { threads: 1 });
  expect(session.transport).toBe('binding');
  expect((await session.run({ x: float32([], [2]) }))['y']).toEqual(float32([], [-2]));
  await session.dispose();
});
