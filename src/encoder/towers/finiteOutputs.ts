import { firstNonFinite } from '../../checkpoint/safetensors/finite.ts';
import type { Arrays, NdArray, Session } from '../../tensor/index.ts';
import { viewBytes } from '../../tensor/ndarray.ts';

/** A model answered with what is no number: names the output, and the item that it answers. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';

  /**
   * @param output name of the graph's output
   * @param item index in the run
   * @param subject whom the message names
   */
  constructor(
    readonly output: string,
    readonly item: number,
    subject = `item ${item} of the batch`,
  ) {
    super(
      `${output} of ${subject} holds NaN or infinity: the model's weights are finite, and too large to compute with; ` +
        'use another model, or one that was trained at a lower learning rate',
    );
  }
}

/**
 * Awaits a run; where its answer is no number, the error names the caller's item, as items are sorted and cut into runs.
 * @param placeOf the caller's index of an item of the run
 */
export async function naming<T>(
  run: Promise<T>,
  kind: 'image' | 'text',
  placeOf: (item: number) => number | undefined,
): Promise<T> {
  try {
    return await run;
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error;
    throw new NotFiniteError(error.output, error.item, `${kind} ${placeOf(error.item) ?? '?'} (from 0)`);
  }
}

function assertFinite(name: string, { dtype, shape, data }: NdArray): void {
  if (dtype !== 'float32') return;
  const index = firstNonFinite({
    dtype,
    data: viewBytes(data),
  });
  if (index < 0) return;
  throw new NotFiniteError(name, Math.floor(index / (data.length / (shape[0] ?? 1))));
}

/** The session, with every answer looked at: NaN and infinity are an error and no answer. */
export const finiteOutputs = (session: Session): Session => ({
  ...session,
  async run(feeds: Arrays, into?: Arrays) {
    const outputs = await session.run(feeds, into);
    for (const [name, array] of Object.entries(outputs)) assertFinite(name, array);
    return outputs;
  },
});
