// @ts-check

/**
 * @typedef {{ description: string, count: number, size: number }} GalleryInfo
 * @typedef {{
 *   name: string, parameters: number, width: number, kind: 'fixed' | 'naflex', licence: string | null,
 *   trainedOn: string, limits: string[], gallery: GalleryInfo | null,
 * }} Model
 * @typedef {{ index: number, id: string, emoji: string, name: string, probability: number }} Hit
 * @typedef {{ label: string, probability: number }} Score
 */

/** How often a request is sent again when the server is busy, starting or stopping. */
const RETRIES = 5;

/**
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function send(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new Error('The server does not answer. Is it still running?', { cause: error });
  }
}

/**
 * Waits as long as the server asks for before a request is sent again.
 * @param {Response} response
 */
async function untilRetry(response) {
  const seconds = Number(response.headers.get('retry-after') ?? 1);
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}

/**
 * The answer's JSON, or an error in the server's words.
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function fetchJson(url, init) {
  let response = await send(url, init);
  for (let retry = 0; retry < RETRIES && [429, 503].includes(response.status); retry++) {
    await untilRetry(response);
    init?.signal?.throwIfAborted();
    response = await send(url, init);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The server answered ${response.status}.`);
  return body;
}

/** @returns {Promise<Model>} */
export const getModel = () => fetchJson('/api/model');

/**
 * @param {string} text
 * @param {number} limit
 * @param {AbortSignal} signal
 * @returns {Promise<{ hits: Hit[] }>}
 */
export const search = (text, limit, signal) =>
  fetchJson('/api/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, limit }),
    signal,
  });

/**
 * @param {Blob} image
 * @param {readonly string[]} labels
 * @param {AbortSignal} signal
 * @returns {Promise<{ scores: Score[] }>}
 */
export function classify(image, labels, signal) {
  const body = new FormData();
  body.append('image', image, image instanceof File ? image.name : 'picture.png');
  for (const label of labels) body.append('labels', label);
  return fetchJson('/api/classify', { method: 'POST', body, signal });
}

/**
 * Runs the newest of several calls: a new one cancels the one before, whose answer is dropped.
 * @template T
 * @param {number} delay milliseconds to wait for a newer call first
 * @param {(signal: AbortSignal) => Promise<T>} action
 * @param {(result: T) => void} onResult
 * @param {(error: Error) => void} onError
 */
export function latest(delay, action, onResult, onError) {
  let controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const cancel = () => {
    clearTimeout(timer);
    controller.abort();
    controller = new AbortController();
  };
  /** @param {boolean} [immediately] */
  const run = (immediately = false) => {
    cancel();
    const { signal } = controller;
    timer = setTimeout(
      async () => {
        try {
          const result = await action(signal);
          if (!signal.aborted) onResult(result);
        } catch (error) {
          if (!signal.aborted) onError(error instanceof Error ? error : new Error(String(error)));
        }
      },
      immediately ? 0 : delay,
    );
  };
  return { run, cancel };
}
