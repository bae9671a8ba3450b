import { expect, it, vi } from 'vitest';
import { createEventStreams } from '../../../src/server/events/eventStreams.ts';
import type { Events } from '../../../src/server/events/events.ts';

const utf8 = new TextDecoder();

function opened(streams = createEventStreams(), signal = new AbortController().signal) {
  let events: Events | undefined;
  const unfollow = vi.fn();
  const stream = streams.open(signal, (own) => {
    events = own;
    return unfollow;
  });
  const reader = stream.getReader();
  const next = async () => {
    const { value, done } = await reader.read();
    return done ? undefined : utf8.decode(value);
  };
  return { events: events!, next, unfollow, reader };
}

it('events arrive in their order', async () => {
  const { events, next } = opened();
  expect(await next()).toBe('retry: 1000\n\n');
  events.send('job', '1', () => ({ id: '1' }));
  events.send('job', '2', () => ({ id: '2' }));
  expect(await next()).toBe('event: job\ndata: {"id":"1"}\n\n');
  expect(await next()).toBe('event: job\ndata: {"id":"2"}\n\n');
});

it('a client that does not read keeps the latest of each thing alone', async () => {
  const { events, next } = opened();
  let made = 0;
  for (let i = 0; i < 100_000; i++)
    events.send('job', String(i % 2), () => {
      made++;
      return i;
    });
  expect(made).toBe(0);
  expect([await next(), await next(), await next()].slice(1)).toEqual([
    'event: job\ndata: 99998\n\n',
    'event: job\ndata: 99999\n\n',
  ]);
  expect(made).toBe(2);
});

it('a stream in which nothing happens shows that it lives, and one that nobody reads ends', async () => {
  vi.useFakeTimers();
  try {
    const { next, unfollow } = opened();
    await next();
    const beat = next();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await beat).toBe(':\n\n');
    // One beat lies in the stream, and the next one waits for a minute.
    await vi.advanceTimersByTimeAsync(80_000);
    expect(unfollow).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(unfollow).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

it('a stream ends with its client, and all end with the server', async () => {
  const streams = createEventStreams(2);
  const gone = new AbortController();
  const first = opened(streams, gone.signal);
  const second = opened(streams);
  expect(() => opened(streams)).toThrow('2 streams of events are open');
  gone.abort();
  expect(first.unfollow).toHaveBeenCalledOnce();
  const third = opened(streams);
  await third.reader.cancel();
  expect(third.unfollow).toHaveBeenCalledOnce();
  await second.next();
  const last = second.next();
  streams.close();
  expect(await last).toBeUndefined();
  expect(second.unfollow).toHaveBeenCalledOnce();
  second.events.send('job', '1', () => 1);
  expect(() => opened(streams)).toThrow('the server is stopping');
});
