import {
  type Arrays,
  type Session,
  type SessionOptions,
  sessionSchema,
  type Transport,
} from '../../session.ts';
import { check } from '../../settings.ts';
import { createBindingSession } from './binding/binding.ts';
import { nativeApi } from './native/api.ts';
import { createNativeSession } from './native/cApi.ts';
import { runtimeFolder } from './runtimeFolder.ts';

/** Options of {@link createSession}. */
export interface CreateSessionOptions extends SessionOptions {
  /**
   * Arrays for initializers that the model declares with `data_location` EXTERNAL, by name. Leave them unchanged
   * for as long as the session lives. The runtime (1.30) copies them; weights in a file (`location`, `offset`,
   * `length`) are mapped instead, and weights that are inputs of the graph are read in place.
   */
  readonly initializers?: Arrays;
}

/**
 * Compiles an ONNX model for one device.
 * @param model the model's bytes, or the path of a file.
 * @throws Error when the model is invalid, the transport or device is not available, or ONNX Runtime not installed.
 */
export async function createSession(
  model: Uint8Array | string,
  options: CreateSessionOptions = {},
): Promise<Session> {
  const { initializers = {}, ...settings } = options;
  check('session', sessionSchema, settings);
  runtimeFolder();
  const create = { 'c-api': createNativeSession, binding: createBindingSession };
  return create[settings.transport ?? defaultTransport()](model, settings, initializers);
}

/** `c-api` where koffi and the runtime's library load, else `binding`. */
function defaultTransport(): Transport {
  try {
    nativeApi();
    return 'c-api';
  } catch {
    return 'binding';
  }
}
