import type { Command } from 'commander';
import { z } from 'zod';
import { exportOnnx } from '../../checkpoint/export/exportOnnx.ts';
import { hasDecoder } from '../../checkpoint/huggingFace/decoder.ts';
import { withMaxPatches } from '../../input/image/naflex/patchBudget.ts';
import { NEWEST_OPSET, OPSETS } from '../../tensor/index.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import { withModelDirectory } from '../support/model.ts';
import { examples, modelSchema, parseOptions, withJson, withModel } from '../support/options.ts';
import { formatBytes, statusLine } from '../support/progress.ts';

const opset = z
  .enum(OPSETS.map(String), `expected one of ${OPSETS.join(', ')}`)
  .transform((text) => OPSETS.find((one) => String(one) === text))
  .optional();

const schema = modelSchema.pick({ model: true, offline: true, maxPatches: true }).extend({
  output: z.string(),
  dtype: z.enum(['float32', 'float16']).default('float32'),
  opset,
  json: z.boolean().default(false),
});

/** https://github.com/huggingface/transformers.js/issues/1402 asks for it. */
const NAFLEX_NOTE =
  'a NaFlex model: ONNX Runtime runs these files at any number of patches; transformers.js has no NaFlex and cannot load them (its issue 1402)';

const DECODER_NOTE =
  'the model has a decoder (captions, boxes), which is not exported: the ONNX files hold the two towers';

async function exportModel(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { output, dtype, opset, maxPatches, json } = options;
  const line = statusLine(io);
  const onFile = (file: string) => line.draw(() => `writing ${file}`, true);
  const { files, kind, decoder } = await withModelDirectory(options, io, async (model) => ({
    files: await exportOnnx(
      { ...model, preprocessor: withMaxPatches(model.preprocessor, maxPatches) },
      output,
      { dtype, ...(opset && { opset }), onFile },
    ),
    kind: model.config.vision.kind,
    decoder: hasDecoder(model.path),
  })).finally(line.clear);
  if (kind === 'naflex') note(io, NAFLEX_NOTE);
  if (decoder) note(io, DECODER_NOTE);
  if (json) return printJson(io, { output, files });
  for (const { file, bytes } of files) print(io, `${formatBytes(bytes).padStart(8)}  ${output}/${file}`);
}

export function register(program: Command, io: CliIo): void {
  const command = withModel(
    program
      .command('export')
      .summary('write a model as ONNX')
      .description(
        'Writes ONNX files of standard operators in the layout that transformers.js loads: onnx/model.onnx (both towers), onnx/vision_model.onnx and onnx/text_model.onnx. NaFlex models take any number of patches (inputs pixel_values, pixel_attention_mask, spatial_shapes); transformers.js has no NaFlex.',
      ),
  )
    .requiredOption('-o, --output <dir>', 'folder to write to')
    .option(
      '--dtype <type>',
      'type of the stored weights: float32 or float16, which is refused where it cannot hold them (default: float32)',
    )
    .option(
      '--opset <n>',
      `operator set: 17 (ONNX Runtime 1.12 and later), 18 (1.14), 19 (1.16) or 20 (1.17) (default: ${NEWEST_OPSET})`,
    )
    .option(
      '--max-patches <n>',
      "NaFlex models: max_num_patches of preprocessor_config.json (default: the model's); the files take any number",
    )
    .option('--offline', 'use only what is on disk');
  withJson(command, 'the files and their sizes as a JSON object')
    .addHelpText(
      'after',
      examples(
        'siglip2 export --model google/siglip2-base-patch16-224 --output siglip2-onnx',
        'siglip2 export --dtype float16 --output emoji-onnx',
        'siglip2 export --opset 17 --output emoji-onnx',
      ),
    )
    .action((options: Record<string, unknown>) => exportModel(options, io));
}
