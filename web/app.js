// @ts-check

import { getModel } from './api.js';
import { startClassify } from './classify.js';
import { pictureFile } from './picture.js';
import { startSearch } from './search.js';

/** @import { Model } from './api.js' */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** A count in three figures: 7.12M. */
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** @param {string} text */
function paragraph(text) {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
}

/** @param {Model} model */
function describe({ name, parameters, licence, trainedOn, limits, gallery }) {
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

async function start() {
  const { show } = startClassify();
  const model = getModel();
  const galleryInfo = model.then(
    ({ gallery }) => gallery ?? Promise.reject(new Error('This model has no gallery.')),
  );
  // Whoever searches sees it; without a gallery nobody does.
  galleryInfo.catch(() => {});
  const searching = startSearch(galleryInfo, async (hit) => show(await pictureFile(hit.index), hit.name));
  const { gallery } = await model;
  if (!gallery) searching.cancel();
  document.body.classList.toggle('no-gallery', gallery === null);
  byId('search').hidden = gallery === null;
  byId('result-tip').hidden = gallery === null;
  describe(await model);
}

start().catch((error) => {
  byId('about').replaceChildren(paragraph(error instanceof Error ? error.message : String(error)));
  byId('about').classList.add('error');
});
