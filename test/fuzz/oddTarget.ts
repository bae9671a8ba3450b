import type { FuzzTarget } from './harness/target.ts';

const encoder = new TextEncoder();

/** Does what an input says: to see that it is noticed. */
export const target: FuzzTarget = {
  what: 'nothing that is real',
  patience: 1.5,
  memory: 64,
  seeds: async () => ['read', 'refuse'].map((word) => encoder.encode(word)),
  start: async () => ({
    async read(input) {
      switch (new TextDecoder().decode(input)) {
        case 'hang':
          while (true);
        case 'wait':
          return await new Promise(() => {});
        case 'die':
          return process.abort();
        case 'slip':
          return JSON.parse('undefined').name;
        case 'engine':
          throw new Error(`can't be read (${String(new RangeError('Invalid array length'))})`);
        case 'later':
          setTimeout(() => {
            throw new Error('nobody waits for this');
          });
          await new Promise((resolve) => setTimeout(resolve, 200));
          return 'read';
        case 'large':
          return String(new Uint8Array(2 ** 27).fill(1).length);
        case 'refuse':
          throw new Error('input: is not what it says: give another');
        default:
          return 'nothing';
      }
    },
  }),
};
