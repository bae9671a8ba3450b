import { byteWidth } from '../../tensor/ndarray.ts';
import { CheckpointError } from '../files/errors.ts';
import { firstNonFinite, isFloat, notFinite } from '../safetensors/finite.ts';
import type { SafetensorsFile } from '../safetensors/reader.ts';

/** A tensor as its file calls it. */
export interface StoredTensor {
  readonly file: SafetensorsFile;
  readonly stored: string;
}

/**
 * Looks at a tensor where it lies, without holding it.
 * @throws CheckpointError when it is damaged, or holds NaN or infinity
 */
export async function verifyTensor({ file, stored }: StoredTensor): Promise<void> {
  const { dtype } = file.tensors.get(stored)!;
  let seen = 0;
  await file.scan(stored, (data) => {
    const index = isFloat(dtype) ? firstNonFinite({ dtype, data }) : -1;
    if (index >= 0) throw notFinite(file.path, stored, seen + index);
    seen += data.length / byteWidth(dtype);
  });
}

/**
 * The step that the files say they were saved at; undefined where none does.
 * @throws CheckpointError when they were saved at different ones
 */
export function stepOf(path: string, files: Iterable<SafetensorsFile>): number | undefined {
  const steps = new Map([...files].map(({ path: file, metadata }) => [metadata['step'], file]));
  const [[step] = [], [other, file] = []] = steps;
  if (steps.size > 1)
    throw new CheckpointError(
      path,
      `${file} is of step ${other ?? 'none'}, another file of step ${step ?? 'none'}; fetch or save them together`,
    );
  return step === undefined || !/^\d{1,15}$/.test(step) ? undefined : Number(step);
}
