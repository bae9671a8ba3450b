// @ts-check

import { getModel } from './api.js';
import { startClassify } from './classify.js';
import { startSearch } from './search.js';
import { tileFile, useSheet } from './tiles.js';

/** @import { Model } from './api.js' */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {number} count */
const millions = (count) =>
  `${(count / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} M parameters`;

/** @param {string} text */
function paragraph(text) {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
}

/** @param {Model} model */
function describe({ name, parameters, licence, trainedOn, limits, gallery }) {
  byId('model-badge').textContent = `${name} · ${millions(parameters)}`;
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
  const model = await getModel();
  const { gallery } = model;
  describe(model);
  document.body.classList.toggle('no-gallery', gallery === null);
  if (!gallery) return;
  useSheet(gallery.sheet);
  byId('result-tip').hidden = false;
  startSearch(gallery, async (hit) => show(await tileFile(gallery.sheet, hit.index), hit.name));
}

start().catch((error) => {
  byId('about').replaceChildren(paragraph(error instanceof Error ? error.message : String(error)));
  byId('about').classList.add('error');
});
