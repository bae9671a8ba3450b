import type { TransferListItem } from 'node:worker_threads';
import { z } from 'zod';
import type { ShardRead } from '../source.ts';
import { type Answer, answerQuestions, type ThreadSide } from '../thread/answerQuestions.ts';
import { type ReadSettings, readColumnNames, readParquet, type StuckGroup } from './reads.ts';

/** What the thread is asked; `next` goes on with what `open` opened. */
export type Question =
  | { readonly kind: 'columns'; readonly path: string }
  | {
      readonly kind: 'open';
      readonly path: string;
      readonly place: number;
      readonly settings: ReadSettings;
      readonly stuck: readonly StuckGroup[];
    }
  | { readonly kind: 'next' }
  | { readonly kind: 'close' };

const questionSchema = z.custom<Question>((value) => typeof value === 'object' && value !== null);

/** Reads go over in batches: few hand-overs, little memory. */
const BATCH_READS = 64;
const BATCH_BYTES = 4 * 2 ** 20;

let reads: AsyncGenerator<ShardRead> | undefined;

async function answer(raw: unknown, side: ThreadSide): Promise<Answer> {
  const question = questionSchema.parse(raw);
  switch (question.kind) {
    case 'columns':
      return { value: await readColumnNames(question.path) };
    case 'open':
      reads = readParquet(question.path, question.place, question.settings, question.stuck, {
        group: side.tell,
        pulse: side.pulse,
      });
      return { value: undefined };
    case 'close':
      await reads?.return(undefined);
      reads = undefined;
      return { value: undefined };
    case 'next':
      return nextBatch();
  }
}

async function nextBatch(): Promise<Answer> {
  const batch: ShardRead[] = [];
  const transfer: TransferListItem[] = [];
  let bytes = 0;
  while (batch.length < BATCH_READS && bytes < BATCH_BYTES) {
    const item = await reads?.next();
    if (!item || item.done) return { value: { reads: batch, done: true }, transfer };
    batch.push(item.value);
    const image = item.value.sample?.image;
    if (!(image instanceof Uint8Array)) continue;
    bytes += image.length;
    transfer.push(image.buffer as ArrayBuffer);
  }
  return { value: { reads: batch, done: false }, transfer };
}

answerQuestions(answer);
