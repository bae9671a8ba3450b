import { answerQuestions } from '../../../../src/data/sources/thread/answerQuestions.ts';

const spin = (milliseconds: number, each: () => void): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) each();
};

answerQuestions(async (question, side) => {
  const { kind } = question as { kind: string };
  if (kind === 'echo') return { value: 'here' };
  if (kind === 'throw') throw new Error('no such thing');
  side.tell('began');
  // Busy for longer than the silence that the test allows, with signs of life.
  if (kind === 'busy') spin(900, side.pulse);
  if (kind === 'loop') for (;;);
  if (kind === 'exit') process.exit(3);
  if (kind === 'memory') for (const held: unknown[] = []; ; ) held.push(new Array(1e5).fill(held.length));
  return { value: 'done' };
});
