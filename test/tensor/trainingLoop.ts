import {
  add,
  type BoundRun,
  compile,
  div,
  float32,
  gelu,
  grad,
  input,
  linear,
  mul,
  type NdArray,
  scalar,
  sizeOf,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  zeros,
} from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';

/**
 * A child process of training.test.ts: trains a small network for argv[2] steps with Adam inside the graph and
 * prints its losses and its resident memory as JSON. With `--expose-gc` it collects garbage, and allocates over
 * what was freed, before and during every run.
 */
const STEPS = Number(process.argv[2]);
const [BATCH, IN, HIDDEN] = [256, 32, 128];
const SHAPES = { weight1: [HIDDEN, IN], bias1: [HIDDEN], weight2: [1, HIDDEN], bias2: [1] } as const;
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
const STATE = NAMES.flatMap((name) => [name, `${name}.m`, `${name}.v`]);
const shapeOf = (name: string): readonly number[] => SHAPES[name.split('.')[0] as keyof typeof SHAPES];
const collect = (globalThis as { gc?: () => void }).gc;

/** Loss and the next parameters and moments (Adam, Kingma & Ba 2015, without bias correction). */
function trainingStep(): Record<string, Tensor> {
  const state = Object.fromEntries(STATE.map((name) => [name, input(name, 'float32', shapeOf(name))]));
  const x = input('x', 'float32', [BATCH, IN]);
  const target = input('target', 'float32', [BATCH, 1]);
  const hidden = gelu(linear(x, state['weight1']!, state['bias1']!));
  const error = sub(linear(hidden, state['weight2']!, state['bias2']!), target);
  const loss = mul(sum(square(error)), scalar(1 / BATCH));
  const gradients = grad(
    loss,
    NAMES.map((name) => state[name]!),
  );
  const outputs: Record<string, Tensor> = { loss };
  NAMES.forEach((name, i) => {
    const decay = (old: Tensor, fresh: Tensor, rate: number) =>
      add(mul(old, scalar(rate)), mul(fresh, scalar(1 - rate)));
    const m = decay(state[`${name}.m`]!, gradients[i]!, 0.9);
    const v = decay(state[`${name}.v`]!, square(gradients[i]!), 0.99);
    const step = div(mul(m, scalar(1e-2)), add(sqrt(v), scalar(1e-6)));
    Object.assign(outputs, { [`${name}.next`]: sub(state[name]!, step), [`${name}.m.next`]: m });
    outputs[`${name}.v.next`] = v;
  });
  return outputs;
}

function data(): Record<string, NdArray> {
  const random = createRandom(7, 'data');
  const x = Float32Array.from({ length: BATCH * IN }, () => random.normal());
  const target = Float32Array.from({ length: BATCH }, (_, i) => Math.sin(x[i * IN]!) + x[i * IN + 1]!);
  return { x: float32([BATCH, IN], x), target: float32([BATCH, 1], target) };
}

function initialState(): Record<string, NdArray> {
  const random = createRandom(7, 'parameters');
  const draw = (name: string) =>
    name.includes('.')
      ? zeros('float32', shapeOf(name))
      : float32(
          shapeOf(name),
          Float32Array.from({ length: sizeOf(shapeOf(name)) }, () => 0.1 * random.normal()),
        );
  return Object.fromEntries(STATE.map((name) => [name, draw(name)]));
}

/** Two runs that hand the state back and forth. Nothing here keeps the buffers once it has returned. */
async function doubleBuffered(loss: NdArray): Promise<readonly [BoundRun, BoundRun]> {
  const session = await compile({ outputs: trainingStep() }, { threads: 2 });
  const fixed = data();
  const a = initialState();
  const b = Object.fromEntries(STATE.map((name) => [name, zeros('float32', shapeOf(name))]));
  const into = (state: Record<string, NdArray>) => ({
    loss,
    ...Object.fromEntries(STATE.map((name) => [`${name}.next`, state[name]!])),
  });
  return [session.bind({ ...fixed, ...a }, into(b)), session.bind({ ...fixed, ...b }, into(a))];
}

/** Frees what JavaScript no longer holds and writes over it. */
function disturb(): void {
  if (!collect) return;
  collect();
  const garbage = Array.from({ length: 50 }, (_, i) => new Float32Array(1000 + i).fill(Number.NaN));
  if (garbage.length === 0) throw new Error('unreachable: keeps the allocation alive');
}

const loss = zeros('float32', []);
const runs = await doubleBuffered(loss);
const losses: number[] = [];
const memory: number[] = [];
for (let step = 0; step < STEPS; step++) {
  disturb();
  const running = runs[step % 2]!.run();
  disturb();
  await running;
  losses.push(loss.data[0] as number);
  memory.push(process.memoryUsage().rss);
}
process.stdout.write(JSON.stringify({ losses, memory }));
