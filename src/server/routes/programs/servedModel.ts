import { z } from '@hono/zod-openapi';
import type { ModelInfo } from '../../modelInfo.ts';
import { RequestError } from '../../requests/errors.ts';

/** What programs call a model: as the server was told, without what is said to people. */
export const modelId = ({ name }: Pick<ModelInfo, 'name'>): string => name.replace(/ \(embedded\)$/, '');

/** The field by which programs name a model. */
export const modelField = z.string().max(1000).optional().openapi({
  description: 'The id of the served model, as /v1/models gives it; may be left out.',
  example: 'siglip2-emoji',
});

const notServed = (model: Pick<ModelInfo, 'name'>, asked: string): RequestError =>
  new RequestError(
    404,
    `the model ${JSON.stringify(asked)} is not served here: this server has ${JSON.stringify(modelId(model))}`,
    { param: 'model', code: 'model_not_found' },
  );

/**
 * The id of the served model, for a request that names it or none.
 * @throws HTTPException 404 naming what is served
 */
export function servedModel(model: Pick<ModelInfo, 'name'>, asked: string | undefined): string {
  const id = modelId(model);
  if (asked !== undefined && asked !== '' && asked !== id && asked !== model.name)
    throw notServed(model, asked);
  return id;
}
