import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../../src/train/run/tensorboard/crc32c.ts';
import { scalarEvent, versionEvent } from '../../../../src/train/run/tensorboard/event.ts';
import {
  appendEvent,
  eventFilePath,
  writeEventFile,
} from '../../../../src/train/run/tensorboard/eventFile.ts';
import { tfRecord } from '../../../../src/train/run/tensorboard/record.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Written by TensorBoard itself (parity/events.py). */
const reference = readFileSync(
  join(import.meta.dirname, '../../../../parity/fixtures/events/scalars.tfevents'),
);

const STEPS: readonly (readonly [number, number, Record<string, number>])[] = [
  [1, 1700000001.25, { loss: 11.4876, gradientNorm: 0.5 }],
  [300, 1700000300.5, { loss: -0.0, sigmoid: 1e-30 }],
  [1220703, 1700001000.0, Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`metric/${i}`, i / 3]))],
];

describe('TensorBoard event files', () => {
  it('have the checksums of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    // 0xe3069283 rotated right by 15 bits is 0x2507c60d.
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe((0x2507c60d + 0xa282ead8) >>> 0);
  });

  it('are byte for byte what TensorBoard writes', () => {
    const ours = [
      versionEvent(1700000001.25),
      ...STEPS.map(([step, time, scalars]) => scalarEvent(step, time, scalars)),
    ];
    expect(Buffer.concat(ours.map(tfRecord)).equals(reference)).toBe(true);
  });

  it('follow from the log, whether written at once or step by step', async () => {
    const entries = STEPS.map(([step, time, scalars]) => ({ step, time, ...scalars }));
    await writeEventFile(folder, entries, 0);
    expect(readFileSync(eventFilePath(folder)).equals(reference)).toBe(true);
    await writeEventFile(folder, entries.slice(0, 1), 0);
    for (const entry of entries.slice(1)) await appendEvent(folder, entry, 0);
    expect(readFileSync(eventFilePath(folder)).equals(reference)).toBe(true);
    // A stage that begins at update 1000 goes on from there.
    await writeEventFile(folder, [{ step: 1, time: 5, loss: 2 }], 1000);
    const expected = Buffer.concat([versionEvent(5), scalarEvent(1001, 5, { loss: 2 })].map(tfRecord));
    expect(readFileSync(eventFilePath(folder)).equals(expected)).toBe(true);
  });
});
