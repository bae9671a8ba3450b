import { patientFetch } from './patientFetch.ts';

/** Sends a body as JSON. @throws as `patientFetch` */
export async function postJson(address: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const answer = await patientFetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  return answer.json();
}
