import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { DType, NdArray } from '../../../ndarray.ts';
import type { Arrays, BoundRun, Session, SessionOptions, TensorSpec } from '../../../session.ts';
import { arrayOver } from '../arrayOver.ts';
import { checkComplete, checkRun } from '../check.ts';
import { configEntries } from '../configEntries.ts';
import { nameExternalFiles } from '../externalInitializers.ts';
import { messageOf } from '../messageOf.ts';
import { newestProfile } from '../profilePath.ts';
import { createQueue } from '../queue.ts';
import { startWorker, type WorkerClient } from './workerClient.ts';

const dtypeSchema = z.enum(['float32', 'float16', 'int32', 'int64', 'uint8', 'bool']);
const specSchema = z.object({
  name: z.string(),
  isTensor: z.literal(true),
  type: dtypeSchema,
  shape: z.array(z.union([z.number(), z.string()])),
});
const openedSchema = z.object({ inputs: z.array(specSchema), outputs: z.array(specSchema) });
const resultSchema = z.record(
  z.string(),
  z.object({ dtype: dtypeSchema, shape: z.array(z.number()), data: z.instanceof(ArrayBuffer) }),
);

/**
 * Opens a model through the official Node binding, which blocks the thread that it runs on: it gets a worker
 * thread, and every array is copied on its way there and back. See {@link createSession}.
 */
export async function createBindingSession(
  model: Uint8Array | string,
  options: SessionOptions,
  initializers: Arrays,
): Promise<Session> {
  const worker = startWorker();
  const { inputs, outputs } = await open(worker, model, options, initializers);
  const queue = createQueue<string | undefined>('The session is disposed; create a new one.');
  const run = async (feeds: Arrays, into: Arrays): Promise<Record<string, NdArray>> => {
    checkRun(inputs, outputs, feeds, into);
    const copies = Object.entries(feeds).map(([name, { dtype, shape, data }]) => ({
      name,
      dtype,
      shape,
      data: data.slice(),
    }));
    const message = { feeds: Object.fromEntries(copies.map(({ name, ...array }) => [name, array])) };
    const buffers = copies.flatMap(({ data }) => (data.buffer instanceof ArrayBuffer ? [data.buffer] : []));
    try {
      const results = resultSchema.parse(await worker.ask('run', message, buffers));
      return receive(results, into);
    } catch (error) {
      throw new Error(`Running the graph failed: ${messageOf(error)}`, { cause: error });
    }
  };
  return {
    inputs,
    outputs,
    transport: 'binding',
    async run(feeds, into = {}) {
      checkRun(inputs, outputs, feeds, into);
      return queue.add(() => run(feeds, into));
    },
    bind(feeds, targets) {
      checkComplete(outputs, targets);
      checkRun(inputs, outputs, feeds, targets);
      return bindRun(() => queue.add(() => run(feeds, targets)));
    },
    dispose: () =>
      queue.close(async () => {
        await worker.ask('close', { profiled: options.profile !== undefined });
        return options.profile === undefined ? undefined : newestProfile(options.profile);
      }),
  };
}

async function open(
  worker: WorkerClient,
  model: Uint8Array | string,
  options: SessionOptions,
  initializers: Arrays,
): Promise<{ inputs: TensorSpec[]; outputs: TensorSpec[] }> {
  try {
    const handed = Object.keys(initializers).length > 0;
    const bytes = typeof model === 'string' && handed ? await readFile(model) : model;
    const source = handed && typeof bytes !== 'string' ? nameExternalFiles(bytes, initializers) : bytes;
    const settings = bindingOptions(
      options,
      initializers,
      typeof model === 'string' && handed ? dirname(model) : undefined,
    );
    const opened = openedSchema.safeParse(await worker.ask('open', { model: source, options: settings }));
    if (!opened.success)
      throw new Error(`its inputs and outputs have to be tensors of ${dtypeSchema.options.join(', ')}`);
    const specs = (list: z.infer<typeof openedSchema>['inputs']): TensorSpec[] =>
      list.map(({ name, type, shape }) => ({
        name,
        dtype: type,
        shape: shape.map((n) => (n === '' ? '?' : n)),
      }));
    return { inputs: specs(opened.data.inputs), outputs: specs(opened.data.outputs) };
  } catch (error) {
    worker.ask('close', { profiled: false }).catch(() => undefined);
    const what = typeof model === 'string' ? model : 'the model in memory';
    throw new Error(`Opening ${what} with the binding failed: ${messageOf(error)}`, { cause: error });
  }
}

/** Our options in the binding's form. */
function bindingOptions(options: SessionOptions, initializers: Arrays, folder: string | undefined) {
  const device = options.device ?? 'cpu';
  const externalDataFolder = options.externalDataFolder ?? folder;
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: options.threads ?? availableParallelism(),
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
    extra: Object.fromEntries(
      configEntries({ ...options, ...(externalDataFolder === undefined ? {} : { externalDataFolder }) }),
    ),
    externalData: Object.entries(initializers).map(([path, { data }]) => ({
      path,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
    })),
  };
}

type Received = Readonly<Record<string, { dtype: DType; shape: number[]; data: ArrayBuffer }>>;

/** Arrays over what came back; those named in `into` are copied there. */
function receive(results: Received, into: Arrays): Record<string, NdArray> {
  const received = Object.entries(results).map(([name, { dtype, shape, data }]): [string, NdArray] => {
    const target = into[name];
    if (!target) return [name, arrayOver(dtype, shape, data)];
    if (target.shape.join() !== shape.join()) {
      throw new Error(
        `Output "${name}" has shape [${shape.join(', ')}], but its buffer has [${target.shape.join(', ')}].`,
      );
    }
    const { buffer, byteOffset, byteLength } = target.data;
    new Uint8Array(buffer, byteOffset, byteLength).set(new Uint8Array(data));
    return [name, target];
  });
  return Object.fromEntries(received);
}

function bindRun(run: () => Promise<unknown>): BoundRun {
  let disposed = false;
  return {
    async run() {
      if (disposed) throw new Error('The bound run is disposed; bind again.');
      await run();
    },
    dispose() {
      disposed = true;
    },
  };
}
