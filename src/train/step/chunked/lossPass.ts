import type { Arrays, Tensor } from '../../../tensor/index.ts';
import type { ChunkedObjective } from '../../losses/chunkedObjective.ts';
import { allocate, allocateInputs, type Buffers, copyInto, fill, prefixed } from '../state/buffers.ts';
import { createPass, type SideIndex } from '../state/doubleBuffer.ts';
import { accumulate, chunksOf, fillChunk, readChunk, writeChunk } from './chunks.ts';
import { accumulateAll, gradientsOf, type Parts } from './parts.ts';
import type { TowerStep } from './towerPass.ts';

/** The loss over all blocks, and its gradients by embeddings and by its own parameters. */
export interface LossStep {
  readonly reports: Buffers;
  run(batch: Arrays, side: SideIndex): Promise<void>;
  dispose(): Promise<void>;
}

/** Gradients of a block's loss: by its images' and all texts' embeddings, and by the parameters that it reads. */
export function lossGradients(objective: ChunkedObjective) {
  const { loss, images, texts } = objective.loss;
  const { parameters, others } = gradientsOf(loss, objective, [images, texts]);
  const [byImages, byTexts] = others as [Tensor, Tensor];
  return { byParameter: parameters, byImages, byTexts };
}

/** Compiles the loss of a block. */
export async function createLoss(parts: Parts, images: TowerStep, texts: TowerStep): Promise<LossStep> {
  const { objective, sides, fixed, gradients, options } = parts;
  const { loss } = objective;
  const count = objective.images.count;
  const rows = loss.images.shape[0] as number;
  if (count % rows !== 0) throw new RangeError(`${count} images are no multiple of blocks of ${rows}`);
  const { byParameter, byImages, byTexts } = lossGradients(objective);
  const inputs = allocateInputs(loss.imageInputs);
  const textInputs = allocateInputs(loss.textInputs);
  const block = allocate({ images: loss.images, byImages, byTexts });
  const reported = { loss: loss.loss, ...loss.metrics };
  const reports = allocate(reported);
  const partial = allocate(reported);
  const terms = allocate(byParameter);
  const nameOf = ({ node }: Tensor) => String(node.attributes['name']);
  const pass = await createPass(
    { byImages, byTexts, ...prefixed('gradient.', byParameter), ...prefixed('report.', reported) },
    sides,
    {
      ...inputs,
      ...textInputs,
      ...fixed,
      [nameOf(loss.images)]: block['images']!,
      [nameOf(loss.texts)]: texts.embeddings,
    },
    () => ({
      byImages: block['byImages']!,
      byTexts: block['byTexts']!,
      ...prefixed('gradient.', terms),
      ...prefixed('report.', partial),
    }),
    options,
  );
  return {
    reports,
    async run(batch, side) {
      fill(textInputs, batch);
      texts.embeddingGradients.data.fill(0);
      let total = 0;
      for (const chunk of chunksOf(count, rows)) {
        fillChunk(inputs, batch, chunk.start, count);
        readChunk(block['images']!, images.embeddings, chunk);
        await pass.run(side);
        writeChunk(images.embeddingGradients, block['byImages']!, chunk.start);
        accumulate(texts.embeddingGradients, block['byTexts']!);
        accumulateAll(gradients, terms);
        total += partial['loss']!.data[0]!;
      }
      copyInto(reports, new Map(Object.entries(partial)));
      reports['loss']!.data[0] = total;
    },
    dispose: () => pass.dispose(),
  };
}
