import type { Tally } from './tally.ts';

/** Addresses that attacks leave alone, so that the server's counts must be ours. */
const COUNTED: Readonly<Record<string, string>> = {
  'v1 rerank': '/v1/rerank',
  'v1 classify': '/v1/classify',
  'v1 heatmap': '/v1/heatmap',
};

/** What the server's figures say that the clients do not, after all is over; sentences. */
export function figureFaults(metrics: string, tally: Tally): string[] {
  const figure = (start: string): number => {
    const line = metrics.split('\n').find((one) => one.startsWith(start));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  const faults = Object.entries(COUNTED).flatMap(([kind, route]) => {
    const answered = tally.times.get(kind)?.length ?? 0;
    const counted = figure(
      `siglip2_http_request_duration_seconds_count{method="POST",route="${route}",status="200"}`,
    );
    return counted === answered ? [] : [`${route} was answered ${answered} times, but counted ${counted}`];
  });
  // The one who asks for the figures is in flight.
  const idle: [string, number][] = [
    ['siglip2_queue_items ', 0],
    ['siglip2_http_requests_in_flight ', 1],
  ];
  for (const [name, right] of idle)
    if (figure(name) !== right)
      faults.push(`${name.trim()} is ${figure(name)} when all is over, not ${right}`);
  return faults;
}
