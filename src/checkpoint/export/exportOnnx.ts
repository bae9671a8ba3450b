import { basename, join } from 'node:path';
import { LOWERING_NORMALIZER } from '../../input/text/tokenizer/tokenizerForm.ts';
import { readTokenizerJson } from '../../input/text/tokenizer/tokenizerJson.ts';
import { emitOnnx, NEWEST_OPSET, OPSETS, type Opset, sizeOf, type WeightSource } from '../../tensor/index.ts';
import { byteWidth, viewBytes } from '../../tensor/ndarray.ts';
import { callback, check, oneOf, optional, rule, settings } from '../../tensor/settings.ts';
import { writeAll, writeAtomic, writeJson } from '../files/atomic.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { formatConfig } from '../huggingFace/config.ts';
import type { ModelDirectory } from '../huggingFace/directory.ts';
import { formatPreprocessor } from '../huggingFace/preprocessor/format.ts';
import { siglipTokenizerConfig, siglipTokenizerJson } from '../huggingFace/tokenizerFiles.ts';
import type { Weights } from '../huggingFace/weights.ts';
import { storedAs } from '../safetensors/storedAs.ts';
import type { LazyTensor } from '../safetensors/writer.ts';
import { EXPORT_DTYPES, type ExportDType, type ExportGraph, exportGraphs } from './onnxGraphs.ts';

export interface ExportOptions {
  /** Type of the stored weights. Default float32. */
  readonly dtype?: ExportDType;
  /**
   * Version of ONNX's operator set. Default 20. ONNX Runtime knows 17 from 1.12 on, 18 from 1.14, 19 from 1.16, 20 from
   * 1.17 (`parity/naflex.py`). In an older set the operators that it lacks are written out: the results are the same.
   */
  readonly opset?: Opset;
  /**
   * Weights of more bytes than this go into a file of their own (`model.onnx_data`). Default, and most: 1e9. A protobuf
   * file must stay under 2 GB, and from 1 GiB on protobufjs 8.8 copies all that is written for every field.
   */
  readonly maxInlineBytes?: number;
  /** Called before a file is written. */
  readonly onFile?: (file: string) => void;
}

const MOST_INLINE_BYTES = 1e9;

const exportSchema = settings<ExportOptions>({
  dtype: optional(oneOf(EXPORT_DTYPES)),
  opset: optional(rule(`one of ${OPSETS.join(', ')}`, (value) => OPSETS.some((one) => one === value))),
  maxInlineBytes: optional(
    rule(
      `a number from 0 to ${MOST_INLINE_BYTES}`,
      (value) => typeof value === 'number' && value >= 0 && value <= MOST_INLINE_BYTES,
    ),
  ),
  onFile: optional(callback()),
});

/** A file of an export and its size. */
export interface ExportedFile {
  /** Path within the directory. */
  readonly file: string;
  readonly bytes: number;
}

/** Offsets in an external file; ONNX asks for no alignment, but aligned floats can be mapped. */
const ALIGNMENT = 64;

/** A graph's parameters as they are stored, each read when it is written. */
const storedParameters = (
  directory: string,
  { parameters }: ExportGraph,
  weights: Weights,
  dtype: ExportDType,
): Map<string, LazyTensor> => {
  const read = ([name, shape]: [string, readonly number[]]) =>
    [name, { shape, load: () => weights.read(name) }] as const;
  return storedAs(directory, [...parameters].map(read), dtype, 'float32');
};

/** Writes the parameters one after the other and says where each one lies. */
async function writeExternal(
  path: string,
  tensors: ReadonlyMap<string, LazyTensor>,
): Promise<{ sources: Map<string, WeightSource>; bytes: number }> {
  const sources = new Map<string, WeightSource>();
  let at = 0;
  await writeAtomic(path, async (file) => {
    for (const [name, { load }] of tensors) {
      const bytes = viewBytes((await load()).data);
      sources.set(name, { location: basename(path), offset: at, length: bytes.length });
      const padding = -bytes.length & (ALIGNMENT - 1);
      await writeAll(file, bytes);
      await writeAll(file, new Uint8Array(padding));
      at += bytes.length + padding;
    }
  });
  return { sources, bytes: at };
}

async function readAll(tensors: ReadonlyMap<string, LazyTensor>): Promise<Map<string, WeightSource>> {
  const sources = new Map<string, WeightSource>();
  for (const [name, { load }] of tensors) sources.set(name, await load());
  return sources;
}

const weightBytes = ({ parameters }: ExportGraph, dtype: ExportDType): number =>
  [...parameters.values()].reduce((total, shape) => total + sizeOf(shape) * byteWidth(dtype), 0);

/** Standard operators only: the file must run in every runtime that knows the operator set. */
const emit = (
  { outputs }: ExportGraph,
  weights: ReadonlyMap<string, WeightSource>,
  opset: Opset,
): Uint8Array => emitOnnx({ outputs, weights, options: { fused: false, opset } });

/** What transformers.js must know to find the files: it takes fp32 without external data when nothing is said. */
function loaderHints(dtype: ExportDType, external: readonly string[]): Record<string, unknown> {
  const hints = {
    ...(dtype === 'float16' && { dtype: 'fp16' }),
    ...(external.length > 0 && {
      use_external_data_format: Object.fromEntries(external.map((file) => [file, true])),
    }),
  };
  return Object.keys(hints).length > 0 ? { 'transformers.js_config': hints } : {};
}

/**
 * tokenizer.json with lower-casing as part of it. transformers.js has no class that lower-cases for SigLIP 2, and
 * without it the ids of capitals would be wrong.
 */
const loweringTokenizer = (json: Record<string, unknown>): Record<string, unknown> => ({
  ...json,
  normalizer: LOWERING_NORMALIZER,
});

async function writeDocuments(
  model: ModelDirectory,
  directory: string,
  hints: Record<string, unknown>,
): Promise<void> {
  const documents: [string, unknown][] = [
    ['preprocessor_config.json', formatPreprocessor(model.preprocessor)],
  ];
  if (model.tokenizerPath !== undefined) {
    const tokenizer = siglipTokenizerJson(
      await readTokenizerJson(model.tokenizerPath),
      model.config.text.length,
    );
    documents.push(['tokenizer.json', loweringTokenizer(tokenizer)]);
    const settings = {
      ...siglipTokenizerConfig(model.config.text.length),
      tokenizer_class: 'GemmaTokenizer',
    };
    documents.push(['tokenizer_config.json', settings]);
  }
  documents.push(['config.json', { ...formatConfig(model.config), ...hints }]);
  for (const [name, value] of documents) await writeJson(join(directory, name), value);
}

/**
 * Writes a model as ONNX in the layout that transformers.js loads: `onnx/model.onnx` (both towers and the logits),
 * `onnx/vision_model.onnx`, `onnx/text_model.onnx` (`_fp16` for float16) and the settings beside them. Standard
 * operators of one opset, symbolic batch dimensions, `input_ids` int64, float32 results.
 *
 * Model outputs: `logits_per_image` [images, texts], `logits_per_text`, `image_embeds` and `text_embeds` (unit length);
 * tower outputs: `last_hidden_state` and `pooler_output` (not normalised).
 *
 * NaFlex: the number of patches is free too, with the inputs of transformers' `Siglip2ImageProcessor`: `pixel_values`
 * [images, patches, 3·p·p] float32, `pixel_attention_mask` [images, patches] int64 (1 for a patch, 0 for padding) and
 * `spatial_shapes` [images, 2] int64 (rows, columns). The grid of positions is resized in the graph. transformers.js has
 * no NaFlex (https://github.com/huggingface/transformers.js/issues/1402): such an export is for other runtimes.
 * @returns the ONNX files written, with their sizes.
 * @throws TensorOverflowError naming the weights that are beyond ±65504, where they are to be stored as float16;
 *   RangeError naming the option that is none
 * @example
 * const model = await openModelDirectory(EMBEDDED_MODEL);
 * for (const { file } of await exportOnnx(model, 'out/onnx', { dtype: 'float16' })) console.log(file);
 * await model.weights.close();
 */
export async function exportOnnx(
  model: ModelDirectory,
  directory: string,
  options: ExportOptions = {},
): Promise<ExportedFile[]> {
  check('export', exportSchema, options);
  const { dtype = 'float32', opset = NEWEST_OPSET, maxInlineBytes = MOST_INLINE_BYTES, onFile } = options;
  const { config, weights } = model;
  const suffix = dtype === 'float16' ? '_fp16' : '';
  const written: ExportedFile[] = [];
  const external: string[] = [];
  await makeFolder(join(directory, 'onnx'));
  for (const [name, graph] of Object.entries(exportGraphs(config, dtype))) {
    const file = `${name}${suffix}.onnx`;
    const path = join(directory, 'onnx', file);
    onFile?.(`onnx/${file}`);
    const tensors = storedParameters(directory, graph, weights, dtype);
    let sources: Map<string, WeightSource>;
    if (weightBytes(graph, dtype) > maxInlineBytes) {
      const data = await writeExternal(`${path}_data`, tensors);
      sources = data.sources;
      external.push(file);
      written.push({ file: `onnx/${file}_data`, bytes: data.bytes });
    } else {
      sources = await readAll(tensors);
    }
    const bytes = emit(graph, sources, opset);
    await writeAtomic(path, (handle) => writeAll(handle, bytes));
    written.push({ file: `onnx/${file}`, bytes: bytes.length });
  }
  await writeDocuments(model, directory, loaderHints(dtype, external));
  return written;
}
