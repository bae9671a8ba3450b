/**
 * Turns off the runtime's telemetry, before its library is loaded. Since 1.30 its builds for Linux send usage to their
 * maker, and they search the command line of the process by a recursive expression first: some 35 kB of arguments, as
 * `siglip2 embed *.jpg` has them, end the process with a segmentation fault.
 *
 * In a worker thread `process.env` is a copy that native code does not see: there the main thread has to have called this.
 */
export function turnOffTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
