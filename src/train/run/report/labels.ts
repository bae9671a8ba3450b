/** Names of logged quantities for people. Those of an objective keep their own. */
const LABELS: Readonly<Record<string, string>> = {
  loss: 'Loss',
  gradientNorm: 'Gradient norm before clipping',
  learningRate: 'Learning rate',
  stepsPerSecond: 'Steps per second',
  idle: 'Share of time spent waiting for data',
  evaluationSeconds: 'Seconds of each evaluation',
};

/** What people call a logged quantity. */
export const labelOf = (key: string): string => LABELS[key] ?? key;

const LAST = ['gradientNorm', 'learningRate', 'stepsPerSecond', 'idle', 'evaluationSeconds'];

/** In the order in which one looks at a run: what it is trained for, its parts, then how it runs. */
export const inOrder = (keys: readonly string[]): string[] => [
  ...keys.filter((key) => !LAST.includes(key)),
  ...LAST.filter((key) => keys.includes(key)),
];
