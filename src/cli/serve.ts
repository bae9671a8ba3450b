import type { Command } from 'commander';
import { z } from 'zod';
import { serve as startServer } from '../server/serve.ts';
import { DEFAULT_PORT } from '../server/serveOptions.ts';
import { apiKeysOf } from './apiKeys.ts';
import { collectionFields, locationOf, withLocation } from './search/collectionOptions.ts';
import { type CliIo, note } from './support/io.ts';
import { showingDownload } from './support/model.ts';
import { examples, modelSchema, nonNegativeInteger, parseOptions, withEngine } from './support/options.ts';

const schema = modelSchema.extend({
  port: nonNegativeInteger.refine((port) => port < 65_536, 'expected a port up to 65535').optional(),
  host: z.string().min(1).optional(),
  allowedHost: z.array(z.string()).default([]),
  apiKey: z.array(z.string()).default([]),
  apiKeysFile: z.string().min(1).optional(),
  cors: z.array(z.string()).default([]),
  trustedProxy: z.array(z.string()).default([]),
  imageUrls: z.boolean().default(false),
  collections: collectionFields.collections,
  database: collectionFields.database,
  runs: z.string().min(1, 'expected a folder').optional(),
  open: z.boolean().default(false),
});

/** Opening a browser makes no sense over ssh or in a container. Windows and macOS always have a screen. */
const hasDisplay = (): boolean =>
  process.platform === 'win32' ||
  process.platform === 'darwin' ||
  Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);

/** Options of the command line as the server takes them. */
function settingsOf(raw: Record<string, unknown>) {
  const { apiKey, apiKeysFile, ...options } = parseOptions(schema, raw);
  const { allowedHost, cors, trustedProxy, maxPatches, collections, database, ...same } = options;
  return {
    ...same,
    collections: locationOf({ collections, database }),
    allowedHosts: allowedHost,
    apiKeys: apiKeysOf({ apiKey, apiKeysFile }),
    corsOrigins: cors,
    trustedProxies: trustedProxy,
    maxNumPatches: maxPatches,
  };
}

async function serve(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = settingsOf(raw);
  const log = (line: string) => note(io, line);
  const open = options.open && hasDisplay();
  // The server would end the process itself; here it ends with the command.
  const start = { ...options, open, log, signals: false };
  const server = await showingDownload(io, (onProgress, onNotice) =>
    startServer({ ...start, onProgress, onNotice }),
  );
  if (options.open && !open) note(io, `open ${server.ownerUrl} in a browser`);
  await new Promise<void>((resolve) => io.onInterrupt(resolve));
  note(io, 'closing');
  await server.close();
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('serve')
    .summary('serve the page and the HTTP API')
    .description(
      'Serves a page for searching and labelling pictures, and the same as an HTTP API, until Ctrl-C or SIGTERM. Then it finishes what it has accepted, for up to 30 s; a second one ends it at once.',
    )
    .option('-p, --port <port>', `port; 0 takes any free one (default: ${DEFAULT_PORT} or the next free one)`)
    .option('--host <host>', 'address to listen on (default: 127.0.0.1, this machine only)')
    .option(
      '--allowed-host <name...>',
      'answer under this host name too, for example behind a proxy; may be given several times (default: localhost and addresses)',
    )
    .option(
      '--api-key <key...>',
      'answer only who brings this key; may be given several times. Others on this machine can read it in the list of processes: prefer --api-keys-file, or SIGLIP2_API_KEYS',
    )
    .option('--api-keys-file <file>', 'a file of such keys, one a line')
    .option(
      '--cors <origin...>',
      'let web pages of this origin ask too, for example https://app.example; * is all of them, only with keys',
    )
    .option(
      '--trusted-proxy <address...>',
      'believe what this proxy says of who asks (X-Forwarded-For): an address, or a range such as 172.16.0.0/12',
    )
    .option(
      '--image-urls',
      'fetch images that requests name by their addresses; those of inner networks are refused (default: off)',
    )
    .option('--runs <dir>', 'show the training runs of this folder, or the one run that it is')
    .option('--open', 'open the page in the browser');
  withEngine(withLocation(command))
    .addHelpText(
      'after',
      examples(
        'siglip2 serve --open',
        'siglip2 serve --model google/siglip2-base-patch16-naflex --port 8080',
        'siglip2 serve --collections pictures --runs runs',
        'siglip2 serve --host 0.0.0.0 --allowed-host models.example --api-keys-file keys.txt',
        'siglip2 serve --api-keys-file keys.txt --cors https://app.example --image-urls',
      ),
    )
    .action((options: Record<string, unknown>) => serve(options, io));
}
