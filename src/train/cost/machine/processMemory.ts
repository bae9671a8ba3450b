/**
 * What a run takes beside its arrays: Node with its modules, the runtime, the compiled graph, and the look-ahead of
 * the data. Measured by `npx tsx bench/stepMemory/measure.ts` (bench/RESULTS.md).
 */
export const PROCESS_BYTES = 250e6;

/** The same for fine-tuning, which has pictures to decode and the tokenizer's 256,000 pieces beside that. */
export const FINETUNE_PROCESS_BYTES = PROCESS_BYTES + 200e6;
