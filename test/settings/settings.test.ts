import { afterAll, describe, expect, it } from 'vitest';
import { exportedSettings, fieldsOf } from './exportedSettings.ts';
import { OTHERS, USES } from './uses.ts';
import { closeModels } from './usesOfModels.ts';

/** No setting is one. */
const WRONG = 5n;

async function fault(name: string, changes: object): Promise<string> {
  const { right, enter } = USES[name]!;
  try {
    await enter({ ...right, ...changes } as never);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing is wrong';
}

const exported = exportedSettings();
/** Some settings enter in several places. */
const typeOf = (name: string): string => name.replace(/ of .*/, '');

afterAll(closeModels);

describe('settings that the package exports', () => {
  it('are all checked where they enter, or stand in the list of those that are not', () => {
    const known = [...Object.keys(USES), ...Object.keys(OTHERS)];
    expect([...exported.keys()].filter((name) => !known.includes(name))).toEqual([]);
    expect(Object.keys(OTHERS).filter((name) => !exported.has(name) || name in USES)).toEqual([]);
  });

  it('have fields, each of them found', () => {
    const without = [...exported]
      .filter(([name]) => name in USES)
      .filter(([name, file]) => fieldsOf(name, file).length === 0);
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it.each(Object.keys(USES).filter((name) => exported.has(typeOf(name))))(
    '%s: each field is named',
    async (name) => {
      const fields = fieldsOf(typeOf(name), exported.get(typeOf(name))!);
      for (const { name: field, type } of fields) {
        const numbers = type === 'number' ? [Number.NaN] : [];
        const negative = type === 'number' && !USES[name]!.signed?.includes(field) ? [-1] : [];
        for (const value of [WRONG, ...numbers, ...negative])
          expect(await fault(name, { [field]: value }), `${field}: ${value}`).toMatch(
            new RegExp(`\\b${field}\\b.* (?:it must be|is missing|is)`),
          );
      }
      expect(await fault(name, { noSuchSetting: 1 })).toContain('no setting "noSuchSetting"');
    },
  );
});
