/** The longest file that is read: Gemma's, in its longest form, has 50 MB. */
const MAX_FILE_BYTES = 256 * 2 ** 20;

export async function readJsonFile(path: string): Promise<unknown> {
  // Imported here so that a browser bundle, which passes the parsed object, needs no file system.
  const { readFile, stat } = await import('node:fs/promises');
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES)
    throw new Error(
      `${path} has ${size} bytes, more than the limit of ${MAX_FILE_BYTES}; use the tokenizer of a SigLIP 2 or Gemma checkpoint`,
    );
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not valid JSON (${(error as Error).message}); fetch the file again`);
  }
}
