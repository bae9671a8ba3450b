import { expect, it } from 'vitest';
import { z } from 'zod';
import { returnMemory } from '../../src/tensor/allocator.ts';

const reportSchema = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) });

it('sets glibc where the process has it, and nothing elsewhere', () => {
  const { header } = reportSchema.parse(process.report.getReport());
  expect(returnMemory()).toBe(header.glibcVersionRuntime !== undefined);
});
