import { sizeOf } from './ndarray.ts';
import { type EmitRequest, emitOnnx, type WeightSource } from './onnx/emit.ts';
import { createSession } from './session/createSession.ts';
import type { Arrays, Session, SessionOptions } from './session.ts';

/** Smaller weights travel inside the model; a protobuf cannot hold 2 GB, so the large ones are handed over beside it. */
const INLINE_BYTES = 1024;

/**
 * 1.5 MiB: the half-dozen blocks that a chain works on stay in the third-level cache, and each operator's call is
 * long enough to share among threads (192 KiB, which fits the second level, was slower with two threads).
 */
const BLOCK_ELEMENTS = 384 * 1024;

/** Separates the arrays that the session is given from what the model itself holds or maps from files. */
function handOver(weights: ReadonlyMap<string, WeightSource>): {
  readonly declared: ReadonlyMap<string, WeightSource>;
  readonly initializers: Arrays;
} {
  const declared = new Map<string, WeightSource>();
  const initializers: Record<string, Arrays[string]> = {};
  for (const [name, source] of weights) {
    if ('location' in source || source.data.byteLength <= INLINE_BYTES || sizeOf(source.shape) === 0) {
      declared.set(name, source);
    } else {
      initializers[name] = source;
      declared.set(name, { location: name, offset: 0, length: source.data.byteLength });
    }
  }
  return { declared, initializers };
}

/**
 * Writes a graph and prepares it to run: outputs by name, inputs by the names they were declared with.
 * `weights` become part of the compiled graph (packed once, not fed again).
 */
export function compile(request: EmitRequest, options: SessionOptions = {}): Promise<Session> {
  const { declared, initializers } = handOver(request.weights ?? new Map());
  const onCpu = (options.device ?? 'cpu') === 'cpu';
  const emit = { blockElements: onCpu ? BLOCK_ELEMENTS : 0, biasApart: onCpu, ...request.options };
  return createSession(emitOnnx({ ...request, weights: declared, options: emit }), {
    ...options,
    initializers,
  });
}
