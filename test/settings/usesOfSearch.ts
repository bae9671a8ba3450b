import { rgbImage } from '../../src/input/image/rgbImage.ts';
import { findDuplicates } from '../../src/search/duplicates/findDuplicates.ts';
import { search } from '../../src/search/query/search.ts';
import { drawHeatmap } from '../../src/search/regions/drawHeatmap.ts';
import { findRegion } from '../../src/search/regions/findRegion.ts';
import type { Use } from './uses.ts';

const picture = rgbImage(1, 1, new Uint8Array(3));

const collection = { models: async () => [] } as never;

/** Settings of collections, of queries, and of parts of pictures. */
export const SEARCH_USES: Readonly<Record<string, Use>> = {
  DuplicateOptions: { right: {}, enter: (one) => findDuplicates(collection, one) },
  FindRegionOptions: {
    right: {},
    enter: (one) => findRegion({} as never, picture, Float32Array.of(1), one),
  },
  HeatmapOptions: {
    right: {},
    enter: (one) => drawHeatmap(picture, {} as never, 'none.png', one),
    signed: ['least', 'most'],
  },
  SearchOptions: { right: {}, enter: (one) => search(collection, {} as never, 'a', one) },
};
