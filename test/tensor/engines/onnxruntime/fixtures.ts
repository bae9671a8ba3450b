import { fileURLToPath } from 'node:url';
import {
  type CreateSessionOptions,
  createSession,
} from '../../../../src/tensor/engines/onnxruntime/createSession.ts';
import type { Session } from '../../../../src/tensor/session.ts';

/** Path of a model that parity/session.py wrote. */
export const model = (name: string): string =>
  fileURLToPath(new URL(`../../../../parity/fixtures/session/${name}.onnx`, import.meta.url));

/** Opens a fixture on one thread, hands it to `use`, and disposes it. */
export async function withSession<T>(
  name: string,
  options: CreateSessionOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await createSession(model(name), { threads: 1, ...options });
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}
