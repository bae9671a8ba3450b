import type { Hono } from 'hono';
import type { ExtractSchema } from 'hono/types';
import type { addClassify } from './routes/classify.ts';
import type { addEmbed } from './routes/embed.ts';
import type { addModel } from './routes/model.ts';
import type { addPictures } from './routes/pictures.ts';
import type { addSearch } from './routes/search.ts';

type Routes = ReturnType<
  typeof addModel | typeof addSearch | typeof addPictures | typeof addClassify | typeof addEmbed
>;

/**
 * What the routes take and answer, as a type alone: hono's client is typed by it and brings no code of the server along.
 * @example
 * import { hc } from 'hono/client';
 * const client = hc<Api>('http://127.0.0.1:7272');
 * const answer = await client.api.search.$post({ json: { text: '고양이' } });
 */
export type Api = Hono<object, ExtractSchema<Routes>>;
