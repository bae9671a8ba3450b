import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { load } from '../../../src/encoder/load.ts';
import { createApp } from '../../../src/server/app.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { form } from '../../server/requests.ts';
import { RELEASED_PREPROCESSOR } from '../../support/releasedPreprocessor.ts';
import { temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const FIXTURES = join(import.meta.dirname, '../../../parity/fixtures');
const LOGO = join(FIXTURES, 'transparent/logo.png');
const reference = await openSafetensors(join(FIXTURES, 'transparent/embeddings.safetensors'));

/** As released, at the size of the tiny models. */
const PREPROCESSORS = {
  fixed: {
    ...RELEASED_PREPROCESSOR,
    image_processor_type: 'SiglipImageProcessor',
    size: { height: 16, width: 16 },
  },
  naflex: {
    ...RELEASED_PREPROCESSOR,
    image_processor_type: 'Siglip2ImageProcessor',
    max_num_patches: 16,
    patch_size: 4,
  },
};

function modelOf(kind: 'fixed' | 'naflex'): string {
  const folder = temporaryFolder();
  for (const name of ['config.json', 'model.safetensors'])
    copyFileSync(join(FIXTURES, `model/tiny-${kind}`, name), join(folder, name));
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(PREPROCESSORS[kind]));
  return folder;
}

const answerSchema = z.object({ embeddings: z.array(z.array(z.number())) });

describe.each(['fixed', 'naflex'] as const)('a transparent picture, %s', (kind) => {
  it('has one vector for the command line, the library, the server and transformers', async () => {
    const model = modelOf(kind);
    const encoder = await load(model, { threads: 1 });
    const library = (await encoder.embedImages([LOGO])).data;
    const app = createApp({ encoder, model: describeModel('tiny', encoder) });
    const file = new File([new Uint8Array(readFileSync(LOGO))], 'logo.png', { type: 'image/png' });
    const response = await app.request('/api/embed/images', form({ images: file }));
    const [served] = answerSchema.parse(await response.json()).embeddings;
    await encoder.dispose();
    const [line] = (await cli(['embed', LOGO, '--model', model, '--threads', '1', '--json'])).json();
    expect(Float32Array.from(served!)).toEqual(library);
    expect(Float32Array.from(line!['embedding'] as number[])).toEqual(library);
    const { data: expected } = await reference.readFloat32(kind);
    for (const [i, value] of expected.entries()) expect(library[i]!).toBeCloseTo(value, 5);
  });
});
