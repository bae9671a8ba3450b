import { bytes, compact, exact } from '../shared/numbers.ts';
import type { CatalogueModel } from './modelApi.ts';

/** What sort of images a model looks at. */
export const seesText = ({ kind, resolution }: Pick<CatalogueModel, 'kind' | 'resolution'>): string =>
  kind === 'naflex' || resolution === null
    ? 'any shape (NaFlex)'
    : `${exact(resolution)} × ${exact(resolution)} pixels`;

/** How large a model is. */
export const sizeText = ({ parameters, bytes: size }: Pick<CatalogueModel, 'parameters' | 'bytes'>): string =>
  `${compact(parameters)} parameters, ${bytes(size)}`;

/** What it takes to serve a model. */
export function stateOf({ served, cached, local, bytes: size }: CatalogueModel): string {
  if (served) return 'Served now';
  if (local) return 'On this machine';
  return cached ? 'Downloaded' : `To download: ${bytes(size)}`;
}

/** The command that serves a model, for those who may not choose one on the page. */
export const serveCommand = (model: string): string =>
  `siglip2 serve --model ${/^[\w@%+=:,./-]+$/.test(model) ? model : `'${model.replaceAll("'", String.raw`'\''`)}'`}`;
