import { availableParallelism } from 'node:os';
import type { Arrays, SessionOptions } from '../../../session.ts';
import { configEntries } from '../configEntries.ts';
import type { NativeApi, Pointer } from './api.ts';
import { appendDevice } from './devices.ts';
import { pin, pinStrings } from './memory.ts';
import { type OrtValue, valueOver } from './value.ts';

const SEQUENTIAL = 0;

/**
 * Native session options. Release them with `ReleaseSessionOptions` when the session exists.
 * @throws Error when the device is not available or an option is refused.
 */
export function nativeOptions(api: NativeApi, options: SessionOptions): Pointer {
  const native = api.out('CreateSessionOptions');
  try {
    api.call('SetSessionExecutionMode', native, SEQUENTIAL);
    api.call('SetIntraOpNumThreads', native, options.threads ?? availableParallelism());
    api.call('SetInterOpNumThreads', native, 1);
    // The runtime would note what the first run allocates and from the second run on hold one block of that size, beside
    // the memory of the first run: twice the memory, and measured no faster.
    api.call('DisableMemPattern', native);
    if (options.profile !== undefined) api.call('EnableProfiling', native, options.profile);
    for (const [key, value] of configEntries(options)) api.call('AddSessionConfigEntry', native, key, value);
    appendDevice(api, native, options);
    return native;
  } catch (error) {
    api.release('ReleaseSessionOptions', native);
    throw error;
  }
}

/**
 * Hands arrays over as the model's external initializers. Runtime 1.30 copies them while it opens the session;
 * the interface doesn't promise that.
 * @returns the native values, which the session has to keep until it is released.
 */
export function addInitializers(api: NativeApi, options: Pointer, initializers: Arrays): OrtValue[] {
  const names = Object.keys(initializers);
  if (names.length === 0) return [];
  const values = Object.values(initializers).map((array) => valueOver(api, array));
  const pointers = pin(BigUint64Array.from(values, (value) => value.pointer));
  const strings = pinStrings(names);
  api.call('AddExternalInitializers', options, strings.view, pointers.view, names.length);
  return values;
}
