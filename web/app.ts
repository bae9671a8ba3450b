import { getModel, type Model, pictureFile } from './api.ts';
import { startClassify } from './classify.ts';
import { byId } from './element.ts';
import { startSearch } from './search.ts';

/** A count in three figures: 7.12M. */
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

function paragraph(text: string): HTMLParagraphElement {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
}

function describe({ name, parameters, licence, trainedOn, limits, gallery }: Model): void {
  byId('model-badge').textContent = `${name} · ${compact.format(parameters)} parameters`;
  const links = paragraph('For programs: ');
  const link = document.createElement('a');
  link.href = '/openapi.json';
  link.textContent = 'HTTP API';
  links.append(link);
  byId('about').replaceChildren(
    paragraph(`Trained on: ${trainedOn}`),
    ...(limits.length > 0 ? [paragraph(limits.join(' '))] : []),
    ...(gallery ? [paragraph(`Pictures: ${gallery.description}`)] : []),
    paragraph(
      `Model licence: ${licence ?? 'not known'}. Everything runs on this machine; nothing is sent elsewhere.`,
    ),
    links,
  );
}

async function start(): Promise<void> {
  const { show, fail } = startClassify();
  const model = getModel();
  const collectionInfo = model.then(
    ({ gallery }) => gallery ?? Promise.reject(new Error('This model has no collection.')),
  );
  // Whoever searches sees it; without a collection nobody does.
  collectionInfo.catch(() => {});
  const searching = startSearch(collectionInfo, (hit) => {
    pictureFile(hit.index).then((image) => show(image, hit.name), fail);
  });
  const { gallery } = await model;
  if (!gallery) searching.cancel();
  document.body.classList.toggle('no-gallery', gallery === null);
  byId('search').hidden = gallery === null;
  byId('result-tip').hidden = gallery === null;
  describe(await model);
}

start().catch((error: unknown) => {
  byId('about').replaceChildren(paragraph(error instanceof Error ? error.message : String(error)));
  byId('about').classList.add('error');
});
