import { firstNonFinite } from '../checkpoint/finite.ts';
import type { Arrays, NdArray, Session } from '../tensor/index.ts';

/** A model answered with what is no number: names the output and which item of the batch it was. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
}

function assertFinite(name: string, { dtype, shape, data }: NdArray): void {
  if (dtype !== 'float32') return;
  const index = firstNonFinite({
    dtype,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
  if (index < 0) return;
  const item = Math.floor(index / (data.length / (shape[0] ?? 1)));
  throw new NotFiniteError(
    `${name} of item ${item} of the batch holds NaN or infinity: the model's weights are finite, and too large to ` +
      'compute with; use another model, or one that was trained at a lower learning rate',
  );
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
