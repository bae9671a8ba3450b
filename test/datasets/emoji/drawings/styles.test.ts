import { expect, it } from 'vitest';
import { drawsGender } from '../../../../datasets/emoji/drawings/styles.ts';

it('older sets draw a man or a woman for emoji that have become neither', () => {
  const isEmoji = (id: string) => ['1f64d', '1f64d-200d-2640', '1f64d-1f3fb-200d-2640'].includes(id);
  for (const id of ['1f64d', '1f64d-1f3fb', '1f491', '1f48f-1f3ff']) {
    expect(drawsGender('emojione', id, isEmoji)).toBe(true);
    expect(drawsGender('twemoji', id, isEmoji)).toBe(false);
  }
  for (const id of ['1f44b', '1f64d-200d-2640', '1f468-200d-2764-200d-1f468']) {
    expect(drawsGender('emojione', id, isEmoji)).toBe(false);
  }
});
