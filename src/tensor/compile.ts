import { type EmitRequest, emitOnnx } from './onnx/emit.ts';
import { createSession } from './session/createSession.ts';
import type { Session, SessionOptions } from './session.ts';

/**
 * Writes a graph and prepares it to run: outputs by name, inputs by the names they were declared with.
 * `weights` become part of the compiled graph (packed once, not fed again).
 */
export const compile = (request: EmitRequest, options: SessionOptions = {}): Promise<Session> =>
  createSession(emitOnnx(request), options);
