import { hc, type InferResponseType, type PickResponseByStatusCode } from 'hono/client';
import type { Api } from '../../src/server/api.ts';
import { byId, h } from '../shared/element.ts';
import { plainFetch, whenKeyIsNeeded } from '../shared/patientFetch.ts';
import { askForKey } from './keyPrompt.ts';

/** A refused key is no reason to ask for a key. */
const client = hc<PickResponseByStatusCode<Api, 200>>('/', { fetch: plainFetch });

export type Session = InferResponseType<typeof client.v1.session.$get>;

let asked: Promise<Session> | undefined;

/** What the one who looks at the page may do. It is asked for once. */
export function session(): Promise<Session> {
  asked ??= client.v1.session.$get().then(
    (answer) => answer.json(),
    (error: unknown) => {
      asked = undefined;
      throw error;
    },
  );
  return asked;
}

async function logIn(key: string | undefined): Promise<void> {
  await client.v1.login.$post({ json: { key } });
  asked = undefined;
}

async function logOut(): Promise<void> {
  await client.v1.logout.$post();
  location.reload();
}

/** Shows what ends a session, where there is one to end. */
function showLogOut(): void {
  if (document.querySelector('.log-out')) return;
  const button = h(
    'button',
    { type: 'button', class: 'button log-out', on: { click: () => void logOut() } },
    'Log out',
  );
  byId('model-badge').after(button);
}

/**
 * Asks for the server's key where it has one, before anything else is asked for.
 * @returns when there is one, or none is needed
 */
export async function startAccess(): Promise<void> {
  const askInTime = async () => {
    const isKnown = await askForKey(logIn);
    if (isKnown) showLogOut();
    return isKnown;
  };
  whenKeyIsNeeded(askInTime);
  const { keys, owner, authenticated } = await session();
  if (!keys) return;
  // Pictures and streams are asked for by the browser, which sends a cookie and not the owner's token.
  if (owner) await logIn(undefined);
  else if (authenticated) showLogOut();
  else await askInTime();
}
