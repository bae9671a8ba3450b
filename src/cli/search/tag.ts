import type { Command } from 'commander';
import { z } from 'zod';
import { embedPrompts } from '../../encoder/comparison/embedPrompts.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { SIDECAR_NAMES } from '../../search/tags/sidecar.ts';
import { ndarray } from '../../tensor/index.ts';
import { type BulkSettings, bulk, type RunPart } from '../bulk/bulk.ts';
import { TABLE_FORMATS } from '../bulk/formats/writeOutput.ts';
import { digest, identityWith } from '../bulk/identity.ts';
import type { Identity } from '../bulk/journal.ts';
import { modelStamp } from '../bulk/modelStamp.ts';
import { BULK_HELP, bulkFields, IMAGES, imagesOf, outputOf, withBulk } from '../bulk/options.ts';
import { readTemplates, withTemplatesOption } from '../encoder/templates.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import { type CliIo, note } from '../support/io.ts';
import { inGroups, withEncoder } from '../support/model.ts';
import {
  examples,
  modelSchema,
  parseOptions,
  positiveInteger,
  share,
  withEngine,
  withJson,
} from '../support/options.ts';
import { collectionFields, withLocation } from './collectionOptions.ts';
import { type LabelPrompts, parseLabels, withTemplates } from './tagging/labels.ts';
import { type Tagging, taggedCollection, taggedImages, untagged } from './tagging/tagParts.ts';
import { printTagged, type Tagged, taggedCodec, taggedForm } from './tagging/tagResults.ts';
import { sidecarWriter } from './tagging/tagSidecars.ts';
import { withCollection } from './withCollection.ts';

const schema = modelSchema.extend({
  ...bulkFields,
  ...collectionFields,
  name: collectionFields.name.removeDefault().optional(),
  labels: z.string().optional(),
  templates: z.string().optional(),
  threshold: share.default(0.2),
  top: positiveInteger.optional(),
  xmp: z.boolean().default(false),
  xmpNames: z.enum(SIDECAR_NAMES, `expected one of ${SIDECAR_NAMES.join(', ')}`).optional(),
  dryRun: z.boolean().default(false),
  remove: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Options = z.output<typeof schema>;

/** Texts that are embedded at once. */
const TEXTS = 128;

/** What is wrong with options together. */
function fault(
  files: readonly string[],
  { from, name, labels, xmp, xmpNames, dryRun, remove, ...rest }: Options,
) {
  const images = files.length > 0 || from !== undefined;
  if (images === (name !== undefined))
    return images
      ? 'both images and a collection (--name) are given; tag one of them'
      : 'nothing to tag: give images, --from, or --name for a collection';
  if (remove && (!xmp || name !== undefined))
    return '--remove takes tags out of the sidecars of images: give --xmp';
  if (remove !== (labels === undefined))
    return remove ? '--remove takes all tags of ours and no --labels' : 'no labels: give --labels FILE';
  if (!xmp && (dryRun || xmpNames !== undefined))
    return '--dry-run and --xmp-names are of sidecars: give --xmp';
  if (dryRun && rest.output !== undefined) return '--dry-run writes nothing: leave --output away';
  return undefined;
}

/** An embedding for each label, the mean of its prompts. */
async function embedLabels(io: CliIo, encoder: Encoder, labels: readonly LabelPrompts[]) {
  const data = new Float32Array(labels.length * encoder.width);
  const most = Math.max(...labels.map(({ prompts }) => prompts.length));
  let row = 0;
  await inGroups(io, 'labels', labels, Math.max(1, Math.floor(TEXTS / most)), async (group) => {
    for (const count of new Set(group.map(({ prompts }) => prompts.length))) {
      const places = group.flatMap(({ prompts }, i) => (prompts.length === count ? [i] : []));
      const rows = await embedPrompts(
        encoder,
        places.map((i) => group[i]!.prompts),
      );
      for (const [k, i] of places.entries())
        data.set(rows.data.subarray(k * encoder.width, (k + 1) * encoder.width), (row + i) * encoder.width);
    }
    row += group.length;
    return undefined;
  });
  return ndarray('float32', [labels.length, encoder.width], data);
}

async function tag(files: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const wrong = fault(files, options);
  if (wrong !== undefined) throw new UsageError(wrong);
  const { name, threshold, top, xmp, xmpNames = SIDECAR_NAMES[0], dryRun, json, maxBad } = options;
  const output = outputOf(options.output, TABLE_FORMATS);
  const sidecars = xmp ? sidecarWriter({ names: xmpNames, dryRun }) : undefined;

  async function work(identity: Identity, run: (part: RunPart<Tagged>) => Promise<void>): Promise<void> {
    const settings: BulkSettings<Tagged> = {
      ...{ output, json, maxBad, identity, codec: taggedCodec, form: taggedForm },
      print: (input, value) => printTagged(io, input.name, value),
      summary: (count) => `tags of ${count} images`,
    };
    await bulk(io, settings, run).finally(() => {
      const { changed, unchanged } = sidecars?.counts ?? { changed: 0, unchanged: 0 };
      if (changed + unchanged === 0 || json) return;
      note(io, `sidecars: ${changed} ${dryRun ? 'would change' : 'changed'}, ${unchanged} as they were`);
    });
  }

  if (options.remove) {
    const images = await imagesOf(files, options, io);
    await work({ command: 'tag --remove' }, (part) => part(untagged(images, sidecars!.write)));
    return;
  }

  const parsed = parseLabels(await readLines(options.labels!, io));
  const own = await readTemplates(options.templates, io);
  const prepare = async (encoder: Encoder, model: string) => {
    const templates = own ?? encoder.templates;
    const labels = withTemplates(parsed, templates);
    const classes = await embedLabels(io, encoder, labels);
    const names = labels.map(({ label }) => label);
    const tagging: Tagging = { labels: names, classes, threshold, top, write: sidecars?.write };
    const asked = { labels, threshold, top, sidecars: xmp ? xmpNames : null };
    return { tagging, identity: identityWith('tag', model, encoder, asked) };
  };
  if (name !== undefined) {
    await withCollection(io, { ...options, name }, async (opened) => {
      const { tagging, identity } = await prepare(opened.encoder, digest([...opened.model.probe]));
      await work({ ...identity, collection: name }, (part) => part(taggedCollection(opened, tagging)));
    });
    return;
  }
  const images = await imagesOf(files, options, io);
  await withEncoder(options, io, async (encoder, folder) => {
    const { tagging, identity } = await prepare(encoder, await modelStamp(folder));
    await work(identity, (part) => part(taggedImages(images, encoder, tagging)));
  });
}

const HELP = `
Lines of --labels: a label, or a label, a tab and what the model is asked in its place (several with
tabs between). Lines that begin with # are left out.
Sidecars are merged: what others wrote stays, byte for byte, and a sidecar that is not well-formed is
reported and left alone. Tags that we wrote are listed in it (siglip2:tags): the next run replaces
these, and --remove takes them out.`;

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('tag')
    .summary('give pictures the labels of a list that fit')
    .description(
      'Gives each picture those labels of a list that fit, as a table or as XMP sidecars that photo programs read. Labels are judged one by one: a picture may get several or none. Pictures are never written.',
    )
    .argument('[images...]', `${IMAGES}; - for a list on standard input`)
    .option('-l, --labels <file>', 'labels, one a line; - for standard input')
    .option('--threshold <p>', 'least probability of a tag (default: 0.2)')
    .option('--top <n>', 'most tags of a picture')
    .option(
      '--name <name>',
      'tag the pictures of a collection in place of images, by the vectors that it has',
    )
    .option('--xmp', 'write the tags into an XMP sidecar beside each picture (dc:subject)')
    .option(
      '--xmp-names <form>',
      'photo.jpg.xmp, as darktable, digiKam and Immich call sidecars (default), or photo.xmp, as Adobe’s programs do',
    )
    .option('--dry-run', 'with --xmp: say what would change, and write nothing')
    .option('--remove', 'with --xmp: take all tags of ours out of the sidecars');
  withJson(
    withEngine(
      withBulk(withLocation(withTemplatesOption(command)), TABLE_FORMATS),
      'the embedded emoji model; with --name the one that the collection was indexed with',
    ),
    'one JSON object a picture: {"image", "tags": [{"label", "probability"}], "sidecar"}',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 tag photos/ --labels labels.txt --output tags.csv',
        'siglip2 tag photos/ --labels labels.txt --threshold 0.5 --xmp --dry-run',
        'siglip2 tag --name photos --labels labels.txt --xmp',
        'siglip2 tag photos/ --xmp --remove',
      )}\n${HELP}\n${BULK_HELP}`,
    )
    .action((files: string[], options: Record<string, unknown>) => tag(files, options, io));
}
