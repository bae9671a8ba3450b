import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

export interface LocationSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

const ownSurroundings = (): LocationSurroundings => ({
  env: process.env,
  platform: process.platform,
  home: homedir(),
});

/** Where programs of a user keep their data, by the customs of the system. */
function dataFolder({ env, platform, home }: LocationSurroundings): string {
  if (platform === 'win32') return env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local');
  // The XDG rules: a path that is not absolute does not count.
  if (env['XDG_DATA_HOME']?.startsWith('/')) return env['XDG_DATA_HOME'];
  return posix.join(
    home,
    ...(platform === 'darwin' ? ['Library', 'Application Support'] : ['.local', 'share']),
  );
}

/**
 * The folder of collections where nobody names one: SIGLIP2_COLLECTIONS, else `siglip2/collections` in the folder in
 * which a user's programs keep their data (XDG_DATA_HOME, `~/.local/share`, `~/Library/Application Support`,
 * `%LOCALAPPDATA%`).
 */
export function defaultLocation(surroundings: LocationSurroundings = ownSurroundings()): string {
  const { env, platform } = surroundings;
  const { join } = platform === 'win32' ? win32 : posix;
  return env['SIGLIP2_COLLECTIONS'] || join(dataFolder(surroundings), 'siglip2', 'collections');
}
