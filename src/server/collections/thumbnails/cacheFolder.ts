import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import type { LocationSurroundings } from '../../../search/stores/defaultLocation.ts';

/**
 * Where what can be made again is kept: SIGLIP2_CACHE, else `siglip2` in the folder in which a user's programs keep such
 * (XDG_CACHE_HOME, `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function cacheFolder({ env, platform, home }: LocationSurroundings = own()): string {
  if (env['SIGLIP2_CACHE']) return env['SIGLIP2_CACHE'];
  if (platform === 'win32')
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'siglip2', 'cache');
  // The XDG rules: a path that is not absolute does not count.
  if (env['XDG_CACHE_HOME']?.startsWith('/')) return posix.join(env['XDG_CACHE_HOME'], 'siglip2');
  return posix.join(home, ...(platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'siglip2');
}

const own = (): LocationSurroundings => ({ env: process.env, platform: process.platform, home: homedir() });
