/**
 * Exports the tiny models at every opset, float32 and float16, for `python parity/naflex.py --check DIR`:
 * `tsx parity/naflex_export.ts DIR`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportOnnx } from '../src/checkpoint/export/exportOnnx.ts';
import { openModelDirectory } from '../src/checkpoint/huggingFace/directory.ts';
import { OPSETS } from '../src/tensor/onnx/opset.ts';
import { referenceModel } from '../test/checkpoint/referenceModel.ts';

const [directory] = process.argv.slice(2);
if (!directory) throw new Error('usage: naflex_export.ts DIRECTORY');

const models = await mkdtemp(join(tmpdir(), 'siglip2-'));
for (const kind of ['fixed', 'naflex'] as const) {
  const model = await openModelDirectory(await referenceModel(kind, join(models, kind)));
  for (const opset of OPSETS)
    for (const dtype of ['float32', 'float16'] as const)
      await exportOnnx(model, join(directory, `${kind}-${opset}-${dtype}`), { opset, dtype });
  await model.weights.close();
}
await rm(models, { recursive: true });
