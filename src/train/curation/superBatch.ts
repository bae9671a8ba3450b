import type { Arrays } from '../../tensor/index.ts';

/**
 * Entries of a super-batch that only the teacher reads, e.g. `teacher.pixel_values` at its own resolution or
 * `teacher.input_ids` of its own vocabulary. They stand in for the entries without the prefix.
 */
const TEACHER = 'teacher.';

const isTeachers = (name: string): boolean => name.startsWith(TEACHER);

/** The super-batch as the teacher sees it. */
export const teacherView = (superBatch: Arrays): Arrays => ({
  ...superBatch,
  ...Object.fromEntries(
    Object.entries(superBatch).flatMap(([name, array]) =>
      isTeachers(name) ? [[name.slice(TEACHER.length), array]] : [],
    ),
  ),
});

/** The super-batch as the learner sees it. */
export const learnerView = (superBatch: Arrays): Arrays =>
  Object.fromEntries(Object.entries(superBatch).filter(([name]) => !isTeachers(name)));

/** Pairs that every entry of a super-batch has. @throws RangeError when they differ. */
export function pairCount(superBatch: Arrays): number {
  const ids = superBatch['input_ids'];
  if (!ids) throw new Error('the super-batch has no input_ids');
  const [count] = ids.shape;
  for (const [name, { shape }] of Object.entries(superBatch)) {
    if (shape[0] !== count)
      throw new RangeError(
        `${name} has ${shape[0]} rows and input_ids ${count}: a super-batch is made of pairs`,
      );
  }
  return count!;
}
