import type { Model } from '../shared/client.ts';
import { byId, h } from '../shared/element.ts';
import { compact } from '../shared/numbers.ts';
import { servedModel, watchModel } from '../shared/servedModel.ts';

function describe({ name, parameters, licence, trainedOn, limits, gallery }: Model): void {
  byId('model-badge').textContent = `${name} · ${compact(parameters)} parameters`;
  byId('about').replaceChildren(
    h('p', {}, `Trained on: ${trainedOn}`),
    ...(limits.length > 0 ? [h('p', {}, limits.join(' '))] : []),
    ...(gallery ? [h('p', {}, `Pictures: ${gallery.description}`)] : []),
    h(
      'p',
      {},
      `Model licence: ${licence ?? 'not known'}. Everything runs on this machine; nothing is sent elsewhere.`,
    ),
    h('p', {}, 'For programs: ', h('a', { href: '/openapi.json' }, 'HTTP API')),
  );
  byId('about').classList.remove('error');
}

function fail(error: unknown): void {
  byId('about').replaceChildren(h('p', {}, error instanceof Error ? error.message : String(error)));
  byId('about').classList.add('error');
}

/** Says in the top bar and below everything which model is served, also when that changes. */
export function startAbout(): void {
  const tell = () => void servedModel().then(describe).catch(fail);
  watchModel(tell);
  tell();
}
