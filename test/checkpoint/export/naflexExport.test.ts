import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exportOnnx } from '../../../src/checkpoint/export/exportOnnx.ts';
import { openModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { OPSETS, type Opset } from '../../../src/tensor/index.ts';
import { ModelProto } from '../../../src/tensor/onnx/proto.ts';
import { temporaryFolder } from '../../cli/temporary.ts';
import { referenceModel } from '../referenceModel.ts';

const folder = temporaryFolder();
const rows = z.array(z.array(z.number()));
const Fixture = z.object({
  cases: z.array(
    z.object({ kind: z.string(), length: z.number(), grids: rows, image_embeds: rows, text_embeds: rows }),
  ),
});
/** What transformers gives: `python parity/naflex.py`. Inputs are closed forms, the same as there. */
const { cases } = Fixture.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../parity/fixtures/model/lengths.json'), 'utf8')),
);

const [TEXTS, TOKENS, VOCABULARY, PATCH_VALUES] = [4, 16, 96, 48];

const int64 = (values: readonly number[], dims: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);

function inputs(length: number, grids: readonly (readonly number[])[]) {
  const counts = grids.map(([height, width]) => height! * width!);
  const mask = counts.flatMap((count) => Array.from({ length }, (_, i) => (i < count ? 1 : 0)));
  const pixels = Float32Array.from(
    { length: grids.length * length * PATCH_VALUES },
    (_, i) => Math.sin(i * 0.7 + length) * mask[Math.floor(i / PATCH_VALUES)]!,
  );
  const ids = Array.from({ length: TEXTS * TOKENS }, (_, i) => ((i * 7) % (VOCABULARY - 4)) + 4);
  return {
    pixel_values: new Tensor('float32', pixels, [grids.length, length, PATCH_VALUES]),
    pixel_attention_mask: int64(mask, [grids.length, length]),
    spatial_shapes: int64(grids.flat(), [grids.length, 2]),
    input_ids: int64(ids, [TEXTS, TOKENS]),
  };
}

async function exported(opset: Opset): Promise<string> {
  const model = await openModelDirectory(await referenceModel('naflex', join(folder, 'naflex')));
  const target = join(folder, `opset-${opset}`);
  await exportOnnx(model, target, { opset });
  await model.weights.close();
  return join(target, 'onnx/model.onnx');
}

describe.each([17, 20] as const)('a NaFlex export of opset %i', (opset) => {
  let session: InferenceSession | undefined;
  afterAll(() => session?.release());

  it.each([64, 256, 576, 1024])('gives what transformers gives at %i patches', async (length) => {
    session ??= await InferenceSession.create(await exported(opset), { intraOpNumThreads: 1 });
    const expected = cases.find((one) => one.kind === 'naflex' && one.length === length)!;
    const outputs = await session.run(inputs(length, expected.grids));
    for (const name of ['image_embeds', 'text_embeds'] as const) {
      const wanted = expected[name].flat();
      const data = outputs[name]!.data as Float32Array;
      expect(data.length).toBe(wanted.length);
      // Other kernels add unit vectors up in another order.
      wanted.forEach((value, i) => {
        expect(Math.abs(data[i]! - value)).toBeLessThan(2e-6);
      });
    }
  });
});

const Header = z.object({
  ir_version: z.coerce.number(),
  opset_import: z.array(z.object({ domain: z.string().default(''), version: z.coerce.number() })),
  graph: z.object({ node: z.array(z.object({ op_type: z.string(), domain: z.string().default('') })) }),
});

it.each([...OPSETS])('an export of opset %i says so, with the file format of its time', async (opset) => {
  const bytes = readFileSync(await exported(opset));
  const { ir_version, opset_import, graph } = Header.parse(ModelProto.toObject(ModelProto.decode(bytes)));
  // Runtimes of the time of an opset refuse a younger format.
  expect(ir_version).toBe(opset < 19 ? 8 : 9);
  expect(opset_import).toEqual([{ domain: '', version: opset }]);
  const names = new Set(graph.node.map(({ op_type }) => op_type));
  expect(names.has('Gelu')).toBe(opset >= 20);
  expect(graph.node.every(({ domain }) => domain === '')).toBe(true);
});

it('refuses an opset that it does not write, and names those that it does', async () => {
  const model = await openModelDirectory(await referenceModel('naflex', join(folder, 'naflex')));
  await expect(exportOnnx(model, join(folder, 'none'), { opset: 16 as Opset })).rejects.toThrow(
    'export.opset is 16; it must be one of 17, 18, 19, 20',
  );
  await model.weights.close();
});
