import { describe, expect, it } from 'vitest';
import type { BadReason } from '../../../src/data/samples/sample.ts';
import { createTally, TooManyBadSamplesError, tallyText } from '../../../src/data/samples/tally.ts';

const bad = (reason: BadReason, key: string) => ({ reason, key, source: 'set', detail: `${key} is bad` });

describe('the tally of bad samples', () => {
  it('counts by reason and keeps the first examples', () => {
    const tally = createTally({ examples: 2 });
    for (let i = 0; i < 20; i++) tally.good();
    for (let i = 0; i < 3; i++) tally.bad(bad('undecodable', `a${i}`));
    tally.bad(bad('missing-caption', 'b'));
    const report = tally.report();
    expect(report).toMatchObject({ read: 24, bad: 4 });
    expect(report.reasons.undecodable!.count).toBe(3);
    expect(report.reasons.undecodable!.examples.map(({ key }) => key)).toEqual(['a0', 'a1']);
    expect(tallyText(report)).toBe(
      [
        '4 of 24 samples are bad:',
        '  undecodable: 3',
        '    set: a0: a0 is bad',
        '    set: a1: a1 is bad',
        '    and 1 more',
        '  missing-caption: 1',
        '    set: b: b is bad',
      ].join('\n'),
    );
  });

  it('fails past the rate, and only after the minimum', () => {
    const tally = createTally({ maxRate: 0.25, minimum: 8 });
    for (let i = 0; i < 3; i++) tally.bad(bad('too-large', 'x'));
    for (let i = 0; i < 9; i++) tally.good();
    // 3 of 12 is at the limit, not past it.
    expect(tally.report().bad).toBe(3);
    expect(() => tally.bad(bad('too-large', 'y'))).toThrow(TooManyBadSamplesError);
    expect(() => tally.bad(bad('too-large', 'y'))).toThrow(
      /5 of 14 samples.*\n.*too-large: 5[\s\S]*25 %.*maxRate/,
    );
    const early = createTally({ maxRate: 0, minimum: 3 });
    early.bad(bad('unreadable', 'x'));
    early.bad(bad('unreadable', 'x'));
    expect(() => early.bad(bad('unreadable', 'x'))).toThrow(TooManyBadSamplesError);
    expect(() => createTally({ maxRate: 2 })).toThrow(RangeError);
  });
});
