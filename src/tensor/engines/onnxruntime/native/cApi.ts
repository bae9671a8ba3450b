import type { NdArray } from '../../../ndarray.ts';
import type { Arrays, BoundRun, Session, SessionOptions, TensorSpec } from '../../../session.ts';
import { allocateStatic, checkComplete, checkRun } from '../check.ts';
import { messageOf } from '../messageOf.ts';
import { createQueue, type Queue } from '../queue.ts';
import { type NativeApi, nativeApi, type Pointer } from './api.ts';
import { describe } from './describe.ts';
import { pin, pinStrings, type StringArray, takeString } from './memory.ts';
import { addInitializers, nativeOptions } from './options.ts';
import { type OrtValue, readValue, releaseValue, valueOver } from './value.ts';

// Failures come back as statuses; printing them as well would only repeat them.
const LOG_FATAL = 4;
let environment: Pointer | undefined;

/** The native session and everything that has to live as long as it. */
interface Native {
  readonly api: NativeApi;
  readonly pointer: Pointer;
  readonly initializers: readonly OrtValue[];
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly inputNames: StringArray;
  readonly outputNames: StringArray;
  readonly queue: Queue<string | undefined>;
  /** Bound runs that are not disposed yet. */
  readonly bound: Set<BoundRun>;
}

/** The values of one run, in the graph's order; `null` where the runtime allocates an output. */
interface RunValues {
  readonly session: Native;
  readonly inputs: readonly OrtValue[];
  readonly outputs: readonly (OrtValue | null)[];
  readonly inputPointers: BigUint64Array;
  readonly outputPointers: BigUint64Array;
}

/** Opens a model through ONNX Runtime's C interface. See {@link createSession}. */
export async function createNativeSession(
  model: Uint8Array | string,
  options: SessionOptions,
  initializers: Arrays,
): Promise<Session> {
  const native = await open(model, options, initializers);
  const { inputs, outputs, queue, bound } = native;
  return {
    inputs,
    outputs,
    transport: 'c-api',
    async run(feeds, into = {}) {
      checkRun(inputs, outputs, feeds, into);
      return queue.add(() => runOnce(native, feeds, into));
    },
    bind(feeds, targets) {
      checkComplete(outputs, targets);
      checkRun(inputs, outputs, feeds, targets);
      return createBoundRun(native, feeds, targets);
    },
    dispose: () =>
      queue.close(async () => {
        for (const run of bound) run.dispose();
        return close(native, options.profile !== undefined);
      }),
  };
}

async function open(
  model: Uint8Array | string,
  options: SessionOptions,
  initializers: Arrays,
): Promise<Native> {
  const api = nativeApi();
  environment ??= api.out('CreateEnv', LOG_FATAL, 'siglip2');
  const nativeSettings = nativeOptions(api, options);
  let values: OrtValue[] = [];
  try {
    values = addInitializers(api, nativeSettings, initializers);
    const cell = new BigUint64Array(1);
    const keep = { model, values, cell };
    await (typeof model === 'string'
      ? api.callAsync('CreateSession', keep, environment, model, nativeSettings, cell)
      : api.callAsync(
          'CreateSessionFromArray',
          keep,
          environment,
          pin(model).address,
          model.byteLength,
          nativeSettings,
          cell,
        ));
    return describeNative(api, cell[0] ?? 0n, values);
  } catch (error) {
    for (const value of values) releaseValue(api, value);
    const what = typeof model === 'string' ? model : 'the model in memory';
    throw new Error(`Opening ${what} failed: ${messageOf(error)}`, { cause: error });
  } finally {
    api.release('ReleaseSessionOptions', nativeSettings);
  }
}

function describeNative(api: NativeApi, pointer: Pointer, initializers: OrtValue[]): Native {
  try {
    const inputs = describe(api, pointer, 'Input');
    const outputs = describe(api, pointer, 'Output');
    return {
      api,
      pointer,
      initializers,
      inputs,
      outputs,
      inputNames: pinStrings(inputs.map((spec) => spec.name)),
      outputNames: pinStrings(outputs.map((spec) => spec.name)),
      queue: createQueue('The session is disposed; create a new one.'),
      bound: new Set(),
    };
  } catch (error) {
    api.release('ReleaseSession', pointer);
    throw error;
  }
}

/** Releases the native session. @returns the profile's path when one was asked for. */
function close({ api, pointer, initializers }: Native, profiled: boolean): string | undefined {
  const profile = profiled
    ? takeString(api, api.out('SessionEndProfiling', pointer, api.out('GetAllocatorWithDefaultOptions')))
    : undefined;
  api.release('ReleaseSession', pointer);
  for (const value of initializers) releaseValue(api, value);
  return profile;
}

function createValues(session: Native, feeds: Arrays, into: Arrays): RunValues {
  const { api } = session;
  const over = (array: NdArray | undefined) => (array ? valueOver(api, array) : null);
  const inputs = session.inputs.flatMap(({ name }) => over(feeds[name]) ?? []);
  const outputs = session.outputs.map(({ name }) => over(into[name]));
  return {
    session,
    inputs,
    outputs,
    inputPointers: BigUint64Array.from(inputs, (value) => value.pointer),
    outputPointers: BigUint64Array.from(outputs, (value) => value?.pointer ?? 0n),
  };
}

function releaseValues({ session: { api }, inputs, outputPointers }: RunValues): void {
  for (const value of inputs) releaseValue(api, value);
  for (const pointer of outputPointers) if (pointer) api.release('ReleaseValue', pointer);
}

function call(values: RunValues): Promise<void> {
  const { session, inputPointers, outputPointers } = values;
  return session.api.callAsync(
    'Run',
    values,
    session.pointer,
    null,
    session.inputNames.view,
    inputPointers,
    inputPointers.length,
    session.outputNames.view,
    outputPointers.length,
    outputPointers,
  );
}

async function runOnce(session: Native, feeds: Arrays, into: Arrays): Promise<Record<string, NdArray>> {
  checkRun(session.inputs, session.outputs, feeds, into);
  const values = createValues(session, feeds, { ...into, ...allocateStatic(session.outputs, into) });
  try {
    await call(values);
    return Object.fromEntries(
      session.outputs.map(({ name }, i) => [
        name,
        values.outputs[i]?.array ?? readValue(session.api, values.outputPointers[i] ?? 0n, name),
      ]),
    );
  } catch (error) {
    throw new Error(`Running the graph failed: ${messageOf(error)}`, { cause: error });
  } finally {
    releaseValues(values);
  }
}

function createBoundRun(session: Native, feeds: Arrays, targets: Arrays): BoundRun {
  const values = createValues(session, feeds, targets);
  let pending = 0;
  let disposed = false;
  const settle = () => {
    pending -= 1;
    if (disposed && pending === 0) releaseValues(values);
  };
  const bound: BoundRun = {
    run() {
      if (disposed) return Promise.reject(new Error('The bound run is disposed; bind again.'));
      pending += 1;
      return session.queue
        .add(async () => {
          checkAttached(values);
          await call(values);
        })
        .finally(settle);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      session.bound.delete(bound);
      if (pending === 0) releaseValues(values);
    },
  };
  session.bound.add(bound);
  return bound;
}

/** A buffer that was transferred to another thread since it was bound no longer belongs to us. */
function checkAttached({ session, inputs, outputs }: RunValues): void {
  const moved = (value: OrtValue | null, i: number, specs: readonly TensorSpec[], side: string): void => {
    if (!value || value.view.byteLength > 0) return;
    throw new Error(`The buffer bound to ${side} "${specs[i]?.name}" was transferred away; bind again.`);
  };
  inputs.forEach((value, i) => {
    moved(value, i, session.inputs, 'input');
  });
  outputs.forEach((value, i) => {
    moved(value, i, session.outputs, 'output');
  });
}
