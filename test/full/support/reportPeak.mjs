// Loaded before a command (`node --import`): notes the process's highest resident memory when it ends.
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// VmHWM is this program's own; getrusage's figure begins with that of the process that started it.
function peakKilobytes() {
  try {
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

const file = process.env.SIGLIP2_PEAK_FILE;
if (file && isMainThread) {
  process.on('exit', () =>
    appendFileSync(file, `${JSON.stringify({ pid: process.pid, kilobytes: peakKilobytes() })}\n`),
  );
}
