import { describe, expect, it } from 'vitest';
import { listDrawings } from '../../datasets/emoji/drawings/drawings.ts';
import { renderDrawing } from '../../datasets/emoji/drawings/render.ts';
import { fluentShown } from '../../datasets/emoji/texts/misnamed.ts';
import { hasSkinTone } from '../../datasets/emoji/texts/sequence.ts';
import type { RgbaPixels } from '../../src/input/image/rgbaImage.ts';

const SIZE = 16;

/** Mean luminance of what is drawn, 0 … 255. */
function brightness(pixels: RgbaPixels): number {
  let [sum, weight] = [0, 0];
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3]!;
    sum += alpha * (0.299 * pixels[i]! + 0.587 * pixels[i + 1]! + 0.114 * pixels[i + 2]!);
    weight += alpha;
  }
  return sum / weight;
}

describe('the drawings of skin tones', () => {
  it('are the darker, the darker their name, in the style with misnamed files too', async () => {
    const drawings = await listDrawings('fluent');
    const brightnessOf = async (id: string): Promise<number> =>
      brightness(await renderDrawing(drawings.get(id)!, SIZE));
    const mediumLight = [...drawings.keys()].filter((id) => hasSkinTone(id) && id.includes('1f3fc'));
    expect(mediumLight.length).toBe(304);
    const wrong: string[] = [];
    for (const id of mediumLight) {
      const medium = id.replaceAll('1f3fc', '1f3fd');
      if ((await brightnessOf(id)) <= (await brightnessOf(medium))) wrong.push(id);
    }
    expect(wrong).toEqual([]);
    for (const base of ['270b', '1f6b5', '1f46d']) {
      // Not light and medium-light of people: blond hair makes the second the brighter picture.
      const tones = base === '270b' ? ['b', 'c', 'd', 'e', 'f'] : ['c', 'd', 'e', 'f'];
      const values = await Promise.all(tones.map((tone) => brightnessOf(`${base}-1f3f${tone}`)));
      expect(values).toEqual(values.toSorted((a, b) => b - a));
    }
  });

  it('are exchanged where the package exchanged them, and nowhere else', () => {
    expect(fluentShown('1f44b-1f3fc')).toBe('1f44b-1f3fd');
    expect(fluentShown('1f44b-1f3fd')).toBe('1f44b-1f3fc');
    expect(fluentShown('1f44b-1f3ff')).toBe('1f44b-1f3ff');
    expect(fluentShown('1f469-1f3fc-200d-1f4bb')).toBe('1f469-1f3fc-200d-1f4bb');
    expect(fluentShown('1f6b5-1f3fb')).toBe('1f6b5-1f3ff');
    expect(fluentShown('1f6b5-1f3fc-200d-2642')).toBe('1f6b5-1f3fd-200d-2642');
    expect(fluentShown('1f34e')).toBe('1f34e');
  });
});
