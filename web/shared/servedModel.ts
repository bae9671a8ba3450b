import { getModel, type Model } from './client.ts';

const changed = new EventTarget();
let served: Promise<Model> | undefined;

/** The model that the server has. It is asked for once. */
export function servedModel(): Promise<Model> {
  served ??= getModel().catch((error: unknown) => {
    served = undefined;
    throw error;
  });
  return served;
}

/** Another model is served: whoever shows what it says asks anew. */
export function modelHasChanged(): void {
  served = undefined;
  changed.dispatchEvent(new Event('change'));
}

/** Calls when another model is served, until the signal. */
export function watchModel(listener: () => void, signal?: AbortSignal): void {
  changed.addEventListener('change', listener, { signal });
}
