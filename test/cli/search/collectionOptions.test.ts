import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { locationFlags, locationOf, shownLocation } from '../../../src/cli/search/collectionOptions.ts';
import { defaultLocation } from '../../../src/search/stores/defaultLocation.ts';
import { storeOf } from '../../../src/search/stores/stores.ts';

describe('where collections are kept', () => {
  test('by the customs of each system, and where the user says', () => {
    const at = (platform: NodeJS.Platform, home: string, env: Record<string, string> = {}) =>
      defaultLocation({ env, platform, home });
    expect(at('linux', '/home/a')).toBe('/home/a/.local/share/siglip2/collections');
    expect(at('linux', '/home/a', { XDG_DATA_HOME: '/data' })).toBe('/data/siglip2/collections');
    expect(at('linux', '/home/a', { XDG_DATA_HOME: 'data' })).toBe(
      '/home/a/.local/share/siglip2/collections',
    );
    expect(at('darwin', '/Users/a')).toBe('/Users/a/Library/Application Support/siglip2/collections');
    expect(at('win32', 'C:\\Users\\a')).toBe('C:\\Users\\a\\AppData\\Local\\siglip2\\collections');
    expect(at('win32', 'C:\\Users\\a', { LOCALAPPDATA: 'D:\\a' })).toBe('D:\\a\\siglip2\\collections');
    expect(at('linux', '/home/a', { SIGLIP2_COLLECTIONS: '/c' })).toBe('/c');
    expect(defaultLocation()).toContain(process.env['SIGLIP2_COLLECTIONS'] ?? join(homedir(), ''));
  });

  test('the command line is stronger than the environment, and names one place', () => {
    const env = { SIGLIP2_DATABASE: 'postgres://env/db' };
    expect(locationOf({}, env)).toBe('postgres://env/db');
    expect(locationOf({ database: 'postgres://a/db' }, env)).toBe('postgres://a/db');
    expect(locationOf({ collections: '/c' }, env)).toBe('/c');
    expect(() => locationOf({ database: 'postgres://a/db', collections: '/c' })).toThrow(/give one/);
  });

  test('a password may stand in a file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'siglip2-password-')), 'password');
    writeFileSync(file, 's3cret:%/@\n');
    const env = { SIGLIP2_DATABASE: 'postgres://me@host/db', SIGLIP2_DATABASE_PASSWORD_FILE: file };
    const location = locationOf({}, env);
    expect(decodeURIComponent(new URL(location).password)).toBe('s3cret:%/@');
    expect(shownLocation(location)).toBe('postgres://me:***@host/db');
    expect(locationOf({ database: 'postgres://me:own@host/db' }, env)).toBe('postgres://me:own@host/db');
    expect(locationOf({ collections: '/c' }, env)).toBe('/c');
    rmSync(dirname(file), { recursive: true });
    expect(() => locationOf({}, env)).toThrow(/PASSWORD_FILE: .*cannot be read/);
  });
});

test('no password is shown', () => {
  const secrets = [
    'postgres://me:s3cret@host/db',
    'postgres://me@host/db?password=s3cret&sslmode=require',
    'postgres://me:s3cret/@#@host:x/db?sslpassword=s3cret',
  ];
  for (const secret of secrets) {
    expect(shownLocation(secret)).not.toContain('s3cret');
    expect(locationFlags({ name: 'photos', database: secret, collections: undefined })).not.toContain(
      's3cret',
    );
    expect(shownLocation(secret)).toContain('host');
  }
  expect(() => storeOf('mysql://me:s3cret@host/db?password=s3cret')).toThrow(/keeps "mysql:\/\/host\/db"/);
  expect(shownLocation('/home/a/collections')).toBe('/home/a/collections');
});
