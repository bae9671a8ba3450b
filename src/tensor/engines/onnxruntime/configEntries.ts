import type { SessionOptions } from '../../session.ts';

/** The runtime's string settings that our options stand for. */
export function configEntries({
  disabledOptimizers,
  externalDataFolder,
}: SessionOptions): [string, string][] {
  const entries: [string, string][] = [];
  if (disabledOptimizers?.length) {
    entries.push(['optimization.disable_specified_optimizers', disabledOptimizers.join(';')]);
  }
  if (externalDataFolder !== undefined) {
    entries.push(['session.model_external_initializers_file_folder_path', externalDataFolder]);
  }
  return entries;
}
