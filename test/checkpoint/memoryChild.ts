/**
 * Run as a process of its own by memory.test.ts: does one job and prints how far resident memory rose above what it was
 * before. The peak is the kernel's own record, so nothing between two samples is missed.
 */
import { openBigVision } from '../../src/checkpoint/bigVision/bigVision.ts';
import { lazyTensors, openWeights } from '../../src/checkpoint/huggingFace/weights.ts';
import { openSafetensors } from '../../src/checkpoint/safetensors/reader.ts';
import { writeSafetensors } from '../../src/checkpoint/safetensors/writer.ts';
import type { NdArray } from '../../src/tensor/ndarray.ts';

const jobs: Record<string, (path: string) => Promise<unknown>> = {
  async read(path) {
    const file = await openSafetensors(path);
    const kept: NdArray[] = [];
    for (const name of file.tensors.keys()) kept.push(await file.read(name));
    await file.close();
    return kept;
  },
  async readFloat32(path) {
    const file = await openSafetensors(path);
    const kept: NdArray[] = [];
    for (const name of file.tensors.keys()) kept.push(await file.readFloat32(name));
    await file.close();
    return kept;
  },
  async copy(path) {
    const weights = await openWeights(path);
    await writeSafetensors(`${path}.copy`, lazyTensors(weights));
    await weights.close();
  },
  async convert(path) {
    const checkpoint = await openBigVision(path);
    await writeSafetensors(`${path}.copy`, checkpoint.tensors);
    await checkpoint.close();
  },
};

const [job = '', path = ''] = process.argv.slice(2);
const before = process.memoryUsage.rss();
const kept = await jobs[job]!(path);
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ growth: peak - before, kept: Array.isArray(kept) ? kept.length : 0 }));
