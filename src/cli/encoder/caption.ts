import type { Command } from 'commander';
import { z } from 'zod';
import type { Input } from '../../data/inputs/input.ts';
import { type AnswerOptions, type Captioner, loadCaptioner } from '../../encoder/captioner.ts';
import { type Box, scaleBox } from '../../input/image/box.ts';
import { toImage } from '../../input/image/imageSource.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { bulk } from '../bulk/bulk.ts';
import type { OutputForm } from '../bulk/formats/outputForm.ts';
import { TABLE_FORMATS } from '../bulk/formats/writeOutput.ts';
import { identityOf } from '../bulk/identity.ts';
import { badInput, imagePart } from '../bulk/imagePart.ts';
import { BULK_HELP, bulkFields, IMAGES, imagesOf, outputOf, withBulk } from '../bulk/options.ts';
import { jsonCodec, type Outcome } from '../bulk/results.ts';
import { boxOption, drawBoxes, formatSides } from '../support/box.ts';
import { UsageError } from '../support/errors.ts';
import { type CliIo, note, print } from '../support/io.ts';
import { withLoaded } from '../support/model.ts';
import {
  examples,
  modelSchema,
  parseOptions,
  positiveInteger,
  withEngine,
  withJson,
} from '../support/options.ts';

const schema = modelSchema.extend({
  ...bulkFields,
  refer: z.array(z.string()).default([]),
  describe: z.array(boxOption).default([]),
  beams: positiveInteger.default(1),
  maxTokens: positiveInteger.optional(),
  draw: z.string().optional(),
  json: z.boolean().default(false),
});

/** What is asked of every image: nothing but a caption, or boxes of texts and texts of boxes. */
interface Questions {
  readonly refer: readonly string[];
  readonly describe: readonly Box[];
}

const box = z.object({ y1: z.number(), x1: z.number(), y2: z.number(), x2: z.number() });

/** One answer, in the words of the question. Boxes are in shares of the image's sides, `pixels` in pixels. */
const answerSchema = z.object({
  task: z.enum(['captioning', 'referring', 'groundedCaptioning']),
  /** Referring: what was looked for. */
  phrase: z.string().optional(),
  text: z.string(),
  logProbability: z.number(),
  ended: z.boolean(),
  /** Not there where a decoder wrote no box. */
  box: box.optional(),
  pixels: box.optional(),
});
type Answer = z.infer<typeof answerSchema>;

/** Boxes count in the pixels of the image as it is shown, EXIF orientation applied. */
const inPixels = (box: Box, { width, height }: RgbImage) => ({ box, pixels: scaleBox(box, height, width) });

async function answersFor(
  captioner: Captioner,
  image: RgbImage,
  { refer, describe }: Questions,
  write: AnswerOptions,
): Promise<Answer[]> {
  if (refer.length + describe.length === 0) {
    const written = await captioner.caption([image], write);
    return written.map((answer) => ({ task: 'captioning', ...answer }));
  }
  const found = await captioner.refer(image, refer, write);
  const said = await captioner.describe(image, describe, write);
  return [
    ...found.map(
      ({ box, ...answer }, i): Answer => ({
        task: 'referring',
        phrase: refer[i]!,
        ...answer,
        ...(box && inPixels(box, image)),
      }),
    ),
    ...said.map(
      (answer, i): Answer => ({ task: 'groundedCaptioning', ...answer, ...inPixels(describe[i]!, image) }),
    ),
  ];
}

function line({ phrase, text, box, pixels }: Answer): string {
  const place = box && pixels && `${formatSides(pixels, 0)} px  (${formatSides(box, 3)})`;
  if (phrase !== undefined) return `${phrase}: ${place ?? `no box, but “${text}”`}`;
  return place ? `${place}: ${text}` : text;
}

const FORM: OutputForm<Answer[]> = {
  columns: [
    { name: 'image', type: 'string' },
    { name: 'task', type: 'string' },
    { name: 'phrase', type: 'string' },
    { name: 'text', type: 'string' },
    { name: 'logProbability', type: 'number' },
    { name: 'ended', type: 'boolean' },
    ...(['y1', 'x1', 'y2', 'x2'] as const).map((name) => ({ name, type: 'number' as const })),
  ],
  rows: ({ name }, answers) =>
    answers.map(({ task, phrase, text, logProbability, ended, box }) => [
      name,
      task,
      phrase,
      text,
      logProbability,
      ended,
      box?.y1,
      box?.x1,
      box?.y2,
      box?.x2,
    ]),
  lines: ({ name }, answers) => answers.map((answer) => ({ image: name, ...answer })),
};

async function caption(patterns: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { refer, describe, draw, beams, maxTokens, from, json, maxBad } = options;
  const output = outputOf(options.output, TABLE_FORMATS);
  if (patterns.length === 0 && from === undefined)
    throw new UsageError('nothing to caption: give images or --from');
  const images = await imagesOf(patterns, options, io);
  if (draw !== undefined && images.total !== 1) throw new UsageError('--draw takes one image');
  if (draw !== undefined && refer.length + describe.length === 0)
    throw new UsageError('--draw has no box to draw: give --refer or --describe');
  const write = { beams, ...(maxTokens !== undefined && { maxTokens }) };
  await withLoaded(loadCaptioner, options, io, async (captioner, folder) => {
    async function answered(input: Input): Promise<Outcome<Answer[]>> {
      let image: RgbImage;
      try {
        image = await toImage(input.image, captioner.encoder.decode);
      } catch (error) {
        return { bad: badInput(input, error) };
      }
      const answers = await answersFor(captioner, image, { refer, describe }, write);
      if (draw !== undefined) {
        await drawBoxes(
          draw,
          image,
          answers.flatMap(({ pixels }) => pixels ?? []),
        );
        if (!json) note(io, `drawn in ${draw}`);
      }
      return { value: answers };
    }
    const settings = {
      output,
      json,
      maxBad,
      identity: await identityOf('caption', folder, captioner.encoder, { refer, describe, beams, maxTokens }),
      codec: jsonCodec(z.array(answerSchema)),
      form: FORM,
      print({ name }: { readonly name: string }, answers: readonly Answer[]) {
        for (const answer of answers)
          print(io, images.total === 1 ? line(answer) : `${name}: ${line(answer)}`);
      },
      summary: (count: number) => `answers about ${count} images`,
    };
    // One image after the other: the keys and values of many would take more memory than their features.
    const work = async (group: readonly Input[]) => [await answered(group[0]!)];
    await bulk(io, settings, (part) => part(imagePart(images, work, 1)));
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('caption')
    .summary('write captions of images, and boxes')
    .description(
      'Writes a caption of each image, the box of a text in it (--refer), or what is in a box (--describe). It needs a model with a decoder; no released checkpoint has one. A box is y1 x1 y2 x2: its top, left, bottom and right edges.',
    )
    .argument('[images...]', `${IMAGES}; - for a list on standard input`)
    .option('--refer <texts...>', 'print the box of each text, in pixels and as shares of height and width')
    .option('--describe <boxes...>', 'say what is in each y1,x1,y2,x2 (shares of height and width, 0 … 1)')
    .option('--beams <n>', 'width of the beam search (default: 1)')
    .option('--max-tokens <n>', "longest answer, in tokens (default: all that the decoder's length allows)")
    .option('--draw <file>', 'write the image with its boxes as PNG');
  withJson(
    withEngine(withBulk(command, TABLE_FORMATS)),
    'one JSON object for each answer: {"image", "task", "text", "logProbability", "ended", "box", "pixels"}',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 caption cat.jpg dog.jpg --model runs/mine/model --beams 4',
        'siglip2 caption cat.jpg --model runs/mine/model --refer "the left ear" --draw ear.png',
        'siglip2 caption cat.jpg --model runs/mine/model --describe 0,0,0.5,1 --json',
        'siglip2 caption photos/ --model runs/mine/model --output captions.jsonl',
      )}\n${BULK_HELP}`,
    )
    .action((images: string[], options: Record<string, unknown>) => caption(images, options, io));
}
