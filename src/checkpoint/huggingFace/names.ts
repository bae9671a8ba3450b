import { CheckpointError, quote } from '../files/errors.ts';

/** Buffers that older versions stored; not parameters. */
const isBuffer = (name: string): boolean =>
  name.endsWith('.position_ids') || name === 'embeddings.position_ids';

const TOWERS = ['vision_model.', 'text_model.'] as const;

/** What is missing in front of every name: a file of one tower saved alone has no tower prefix. */
function missingPrefix(names: readonly string[]): string {
  if (names.some((name) => TOWERS.some((tower) => name.startsWith(tower)))) return '';
  if (names.includes('embeddings.patch_embedding.weight')) return 'vision_model.';
  return names.includes('embeddings.token_embedding.weight') ? 'text_model.' : '';
}

/** Removes the doubled tower level of wrapper classes before the 2026 refactoring. */
function flatten(name: string): string {
  const tower = TOWERS.find((prefix) => name.startsWith(prefix + prefix));
  return tower ? name.slice(tower.length) : name;
}

/**
 * Maps the names stored in a checkpoint to the canonical Hugging Face ones (`vision_model.encoder.layers.0…`):
 * accepts towers saved alone with or without their prefix and drops stored position-id buffers.
 * @returns stored name by canonical name.
 * @throws CheckpointError when two stored names mean the same tensor.
 */
export function canonicalNames(stored: Iterable<string>, file: string): Map<string, string> {
  const names = [...stored].filter((name) => !isBuffer(name));
  const prefix = missingPrefix(names);
  const byCanonical = new Map<string, string>();
  for (const name of names) {
    const canonical = flatten(prefix + name);
    const other = byCanonical.get(canonical);
    if (other !== undefined) {
      throw new CheckpointError(
        file,
        `tensors ${quote(other)} and ${quote(name)} both mean ${quote(canonical)}; remove one of them`,
      );
    }
    byCanonical.set(canonical, name);
  }
  return byCanonical;
}
