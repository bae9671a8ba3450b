import type { Arrays, Session, SessionOptions } from '../session.ts';
import { createNativeSession } from './cApi.ts';

/** Options of {@link createSession}. */
export interface CreateSessionOptions extends SessionOptions {
  /**
   * Arrays for initializers that the model declares with `data_location` EXTERNAL, by name. The session reads
   * them in place for as long as it lives: don't write to them.
   */
  readonly initializers?: Arrays;
}

/**
 * Compiles an ONNX model for one device.
 * @param model the model's bytes, or the path of a file.
 * @throws Error when the model is invalid, or the transport or device is not available.
 */
export function createSession(
  model: Uint8Array | string,
  options: CreateSessionOptions = {},
): Promise<Session> {
  const { initializers = {}, ...settings } = options;
  return createNativeSession(model, settings, initializers);
}
