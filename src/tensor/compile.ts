import { type EmitRequest, emitModel, type WeightSource } from './emit/emit.ts';
import { createSession } from './engines/onnxruntime/createSession.ts';
import { sizeOf } from './ndarray.ts';
import { type Arrays, type Session, type SessionOptions, sessionSchema } from './session.ts';
import { check } from './settings.ts';
import { sameShape, staticShape } from './shape.ts';

/** Smaller weights travel inside the model; a protobuf cannot hold 2 GB, so the large ones are handed over beside it. */
const INLINE_BYTES = 1024;

/**
 * 1.5 MiB: the half-dozen blocks that a chain works on stay in the third-level cache, and each operator's call is
 * long enough to share among threads (192 KiB, which fits the second level, was slower with two threads).
 */
const BLOCK_ELEMENTS = 384 * 1024;

/** The runtime's optimiser that would take our transposes back into the products (see `cpuForms`). */
const UNDOING_OPTIMIZER = 'MatmulTransposeFusion';

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

/** Arrays over the same numbers, in the shapes of `to` where they have those of `from`. */
const reshaped = (arrays: Arrays, from: Shapes, to: Shapes): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      const [known, shape] = [from.get(name), to.get(name)];
      return [name, known && shape && sameShape(known, array.shape) ? { ...array, shape } : array];
    }),
  );

type Shapes = ReadonlyMap<string, readonly number[]>;

/** The session with its stacked outputs in their own shapes. */
function unstacked(session: Session, own: Shapes, stacked: Shapes): Session {
  return {
    ...session,
    outputs: session.outputs.map((spec) => ({ ...spec, shape: own.get(spec.name) ?? spec.shape })),
    run: async (feeds, into = {}) =>
      reshaped(await session.run(feeds, reshaped(into, own, stacked)), stacked, own),
    bind: (feeds, outputs) => session.bind(feeds, reshaped(outputs, own, stacked)),
  };
}

/** Those arrays that the model reads: the runtime refuses a session that is given any other. */
const readArrays = (initializers: Arrays, read: ReadonlySet<string>): Arrays =>
  Object.fromEntries(Object.entries(initializers).filter(([name]) => read.has(name)));

/**
 * Writes a graph and prepares it to run: outputs by name, inputs by the names they were declared with.
 * `weights` become part of the compiled graph (packed once, not fed again); those that the graph does not read are
 * left out.
 * @throws RangeError naming the option that is none
 * @example
 * const x = input('x', 'float32', ['n', 2]);
 * const session = await compile({ outputs: { y: mul(x, scalar(2)) } });
 * const { y } = await session.run({ x: float32([1, 2], [1, 2]) });
 */
export async function compile(request: EmitRequest, options: SessionOptions = {}): Promise<Session> {
  check('session', sessionSchema, options);
  const { declared, initializers } = handOver(request.weights ?? new Map());
  const onCpu = (options.device ?? 'cpu') === 'cpu';
  const forCpu = { blockElements: onCpu ? BLOCK_ELEMENTS : 0, cpuForms: onCpu };
  const emit = { ...forCpu, ...request.options, stackedOutputs: true };
  const { model, stacked, weights } = emitModel({ ...request, weights: declared, options: emit });
  const { disabledOptimizers = [] } = options;
  const session = await createSession(model, {
    ...options,
    disabledOptimizers: onCpu ? [...disabledOptimizers, UNDOING_OPTIMIZER] : disabledOptimizers,
    initializers: readArrays(initializers, weights),
  });
  const own = [...stacked.keys()].map((name) => [name, staticShape(request.outputs[name]!.shape)] as const);
  return stacked.size === 0 ? session : unstacked(session, new Map(own), stacked);
}
