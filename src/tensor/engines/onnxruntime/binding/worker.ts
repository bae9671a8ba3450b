/**
 * Program of the thread that runs the official binding: plain CommonJS in a string, because a worker thread
 * can't load TypeScript from source on every supported Node, and there is no file that is the same in `src`
 * and in `dist`. It only moves bytes; everything else is on the main thread.
 *
 * Messages in: `{id, kind: 'open', model, options}`, `{id, kind: 'run', feeds}`, `{id, kind: 'close', profiled}`.
 * Messages out: `{id, result}` or `{id, error}`. A tensor is `{dtype, shape, data}`.
 */
export const BINDING_WORKER = `
const { createRequire } = require('node:module');
const { parentPort, workerData } = require('node:worker_threads');
const { InferenceSession, Tensor, listSupportedBackends } = createRequire(workerData.base)('onnxruntime-node');
let session;

const describe = (metadata) => metadata.map(({ name, isTensor, type, shape }) => ({ name, isTensor, type, shape }));

const jobs = {
  async open({ model, options }) {
    // The binding leaves out a provider that it doesn't know, and computes on the CPU instead.
    const names = listSupportedBackends().map(({ name }) => name);
    const [device] = options.executionProviders;
    if (!names.includes(device)) throw new Error('device "' + device + '" is not among those of the binding: ' + names.join(', '));
    session = await InferenceSession.create(model, options);
    return { inputs: describe(session.inputMetadata), outputs: describe(session.outputMetadata) };
  },
  async run({ feeds }) {
    const tensors = {};
    for (const [name, { dtype, shape, data }] of Object.entries(feeds)) tensors[name] = new Tensor(dtype, data, shape);
    const results = await session.run(tensors);
    const outputs = {};
    for (const [name, { type, dims, data }] of Object.entries(results)) {
      const whole = data.byteLength === data.buffer.byteLength ? data : data.slice();
      outputs[name] = { dtype: type, shape: [...dims], data: whole.buffer };
    }
    return outputs;
  },
  async close({ profiled }) {
    if (profiled) session.endProfiling();
    await session?.release();
    setImmediate(() => parentPort.close());
  },
};

parentPort.on('message', async (message) => {
  try {
    const result = await jobs[message.kind](message);
    const transfer = message.kind === 'run' ? Object.values(result).map(({ data }) => data) : [];
    parentPort.postMessage({ id: message.id, result }, transfer);
  } catch (error) {
    parentPort.postMessage({ id: message.id, error: String((error && error.message) || error) });
  }
});
`;
