import { createRequire } from 'node:module';
import { z } from 'zod';
import { DEVICES, type Device, type SessionOptions } from '../../../session.ts';
import { messageOf } from '../messageOf.ts';
import { turnOffTelemetry } from '../noTelemetry.ts';
import { runtimeFolder } from '../runtimeFolder.ts';
import { type NativeApi, nativeApi, type Pointer } from './api.ts';
import { pinStrings, readPointers, readString } from './memory.ts';

/** The runtime's name of each device's execution provider, and the key by which it is switched on. */
const PROVIDERS: Readonly<Record<Device, { readonly provider: string; readonly key: string }>> = {
  cpu: { provider: 'CPUExecutionProvider', key: 'CPU' },
  webgpu: { provider: 'WebGpuExecutionProvider', key: 'WebGPU' },
  cuda: { provider: 'CUDAExecutionProvider', key: 'CUDA' },
  coreml: { provider: 'CoreMLExecutionProvider', key: 'CoreML' },
  dml: { provider: 'DmlExecutionProvider', key: 'DML' },
};

const bindingSchema = z.object({
  listSupportedBackends: z.custom<() => readonly { readonly name: string }[]>((f) => typeof f === 'function'),
});

/** Names of the execution providers that the library was built with. */
function availableProviders(api: NativeApi): string[] {
  const list = new BigUint64Array(1);
  const count = new Int32Array(1);
  api.call('GetAvailableProviders', list, count);
  const pointer = list[0] ?? 0n;
  const names = readPointers(pointer, count[0] ?? 0).map(readString);
  api.call('ReleaseAvailableProviders', pointer, count[0] ?? 0);
  return names;
}

/**
 * Devices that the installed runtime was built for. A device in the list can still fail to open, for example
 * `webgpu` on a machine without a GPU driver.
 * @example
 * console.log(availableDevices());
 */
export function availableDevices(): Device[] {
  const names = new Set(loadsNatively() ? availableProviders(nativeApi()) : bindingBackends());
  return DEVICES.filter((device) => names.has(device) || names.has(PROVIDERS[device].provider));
}

function loadsNatively(): boolean {
  try {
    nativeApi();
    return true;
  } catch {
    return false;
  }
}

/** Names of the official binding's backends, which are called as our devices are. */
function bindingBackends(): string[] {
  turnOffTelemetry();
  const binding: unknown = createRequire(import.meta.url)(runtimeFolder());
  return bindingSchema
    .parse(binding)
    .listSupportedBackends()
    .map(({ name }) => name);
}

/**
 * Puts a device before the CPU in session options.
 * @throws Error listing what the runtime has when the device is not among it.
 */
export function appendDevice(
  api: NativeApi,
  options: Pointer,
  { device = 'cpu', tf32 }: SessionOptions,
): void {
  if (device === 'cpu') return;
  const { provider, key } = PROVIDERS[device];
  const available = availableProviders(api);
  if (!available.includes(provider)) {
    throw new Error(
      `Device "${device}" needs ${provider}, which this ONNX Runtime ${api.version} doesn't have (it has ${available.join(', ')}); use one of ${availableDevices().join(', ')}.`,
    );
  }
  try {
    if (device === 'cuda') appendCuda(api, options, tf32 ?? false);
    else
      api.call(
        'SessionOptionsAppendExecutionProvider',
        options,
        key,
        pinStrings([]).address,
        pinStrings([]).address,
        0,
      );
  } catch (error) {
    throw new Error(
      `Device "${device}" could not be opened (the runtime has ${available.join(', ')}): ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function appendCuda(api: NativeApi, options: Pointer, tf32: boolean): void {
  const cuda = api.out('CreateCUDAProviderOptions');
  try {
    // The runtime's own default is TF32, whose products keep 10 bits: results would differ from the CPU's by 1e-3.
    const [keys, values] = [pinStrings(['use_tf32']), pinStrings([tf32 ? '1' : '0'])];
    api.call('UpdateCUDAProviderOptions', cuda, keys.view, values.view, 1);
    api.call('SessionOptionsAppendExecutionProvider_CUDA_V2', options, cuda);
  } finally {
    api.release('ReleaseCUDAProviderOptions', cuda);
  }
}
