import type { Subject } from './subject.ts';

const given = new EventTarget();
let waiting: Subject | undefined;

/** Gives a picture to the label panel, now or when it is opened. */
export function giveToLabel(subject: Subject): void {
  waiting = subject;
  given.dispatchEvent(new Event('given'));
}

/** Calls with each picture that is given to be labelled, until the signal. */
export function watchToLabel(take: (subject: Subject) => void, signal: AbortSignal): void {
  const pass = () => {
    const subject = waiting;
    waiting = undefined;
    if (subject) take(subject);
  };
  given.addEventListener('given', pass, { signal });
  // The one who takes it may not be ready yet.
  queueMicrotask(pass);
}
