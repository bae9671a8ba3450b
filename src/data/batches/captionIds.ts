import { type Arrays, int32 } from '../../tensor/index.ts';

/**
 * A batch of image–text pairs (one text per image) whose `image_ids` and `text_ids` are equal also where two images have
 * the same text: pictures of one class are no wrong answers for each other. Texts are compared as the model sees them.
 * @param arrays `image_ids` and `text_ids` [N], `input_ids` [N, T]; the others are passed on
 * @example
 * const ids = withCaptionIds({ input_ids: int32([2, 4], [1, 2, 0, 0, 1, 2, 0, 0]) });
 */
export function withCaptionIds(arrays: Arrays): Arrays {
  const ids = arrays['image_ids']!.data as Int32Array;
  const { data, shape } = arrays['input_ids']!;
  const [count, length] = shape as [number, number];
  // A pair joins the group of the first pair that shows the same image or has the same text.
  const byText = new Map<string, number>();
  const byImage = new Map<number, number>();
  const groups = Int32Array.from({ length: count }, (_, i) => {
    const text = (data as Int32Array).subarray(i * length, (i + 1) * length).join();
    const group = byText.get(text) ?? byImage.get(ids[i]!) ?? i;
    if (!byText.has(text)) byText.set(text, group);
    if (!byImage.has(ids[i]!)) byImage.set(ids[i]!, group);
    return group;
  });
  return { ...arrays, image_ids: int32([count], groups), text_ids: int32([count], groups) };
}
