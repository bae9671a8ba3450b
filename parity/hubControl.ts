/**
 * Runs the tests' hub for parity/hub.py: one JSON object a line on standard input, one answer a line.
 * `{"model": {…}, "faults": […]}` sets what the hub has; `{"requests": true}` tells what it was asked since.
 */
import { createInterface } from 'node:readline';
import { type HubSetting, setHub, startHubServer, summary } from '../test/checkpoint/hub/hubServer.ts';

type Command = HubSetting | { readonly requests: true };

const hub = await startHubServer();
const say = (answer: unknown): void => console.log(JSON.stringify(answer));
say({ hub: hub.url, proxy: hub.proxy });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  if ('requests' in command) say(summary(hub));
  else {
    setHub(hub, command);
    say({});
  }
}
await hub.stop();
