import type { EventEmitter } from 'node:events';
import type { Context } from 'hono';
import { outgoingOf } from './requests/receive.ts';

const held = new WeakMap<object, () => void>();

/** Keeps something for an answer that is under way, until it has left or its client is gone. */
export function hold(outgoing: EventEmitter, releases: readonly (() => void)[]): void {
  let isHeld = true;
  const release = () => {
    if (isHeld) for (const one of releases) one();
    isHeld = false;
  };
  held.set(outgoing, release);
  outgoing.once('close', release);
}

/** An answer that goes on for as long as somebody looks keeps nothing: no model that is no longer served, no server open. */
export function letGo(context: Context): void {
  const outgoing = outgoingOf(context);
  if (outgoing) held.get(outgoing)?.();
}
