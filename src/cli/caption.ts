import type { Command } from 'commander';
import { z } from 'zod';
import { type AnswerOptions, type Captioner, loadCaptioner, type WrittenText } from '../encoder/captioner.ts';
import { type Box, scaleBox } from '../input/image/box.ts';
import { decodeImage } from '../input/image/decode.ts';
import type { RgbImage } from '../input/image/rgbImage.ts';
import { boxOption, drawBoxes, formatSides } from './box.ts';
import { UsageError } from './errors.ts';
import { expandImages } from './inputs.ts';
import { type CliIo, note, print, printJson } from './io.ts';
import { showingDownload } from './model.ts';
import { examples, modelSchema, parseOptions, positiveInteger, withEngine, withJson } from './options.ts';

const schema = modelSchema.extend({
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

/** One answer, in the words of the question. Boxes are in shares of the image's sides, `pixels` in pixels. */
interface Answer extends WrittenText {
  readonly task: 'captioning' | 'referring' | 'groundedCaptioning';
  /** Referring: what was looked for. */
  readonly phrase?: string;
  /** Not there where a decoder wrote no box. */
  readonly box?: Box;
  readonly pixels?: Box;
}

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

async function caption(patterns: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { refer, describe, draw, beams, maxTokens, json } = options;
  const paths = await expandImages(patterns);
  if (draw !== undefined && paths.length > 1) throw new UsageError('--draw takes one image');
  if (draw !== undefined && refer.length + describe.length === 0)
    throw new UsageError('--draw has no box to draw: give --refer or --describe');
  const { model, device, threads, offline } = options;
  const captioner = await showingDownload(io, (onProgress, onNotice) =>
    loadCaptioner(model, { device, threads, offline, onProgress, onNotice }),
  );
  try {
    for (const path of paths) {
      const image = await decodeImage(path, captioner.encoder.decode);
      const write = { beams, ...(maxTokens !== undefined && { maxTokens }) };
      const answers = await answersFor(captioner, image, { refer, describe }, write);
      for (const answer of answers) {
        if (json) printJson(io, { image: path, ...answer });
        else print(io, paths.length > 1 ? `${path}: ${line(answer)}` : line(answer));
      }
      if (draw === undefined) continue;
      await drawBoxes(
        draw,
        image,
        answers.flatMap(({ pixels }) => pixels ?? []),
      );
      if (!json) note(io, `drawn in ${draw}`);
    }
  } finally {
    await captioner.dispose();
  }
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('caption')
    .summary('says in words what images show, and where')
    .description(
      'Writes a caption of each image, the box of a text in it (--refer), or what is in a box (--describe). Needs a model that was trained with a decoder: no released checkpoint has one. Boxes are y1 x1 y2 x2.',
    )
    .argument('<images...>', 'image files, directories or globs')
    .option('--refer <texts...>', 'print the box of each text, in pixels and in shares of the sides')
    .option('--describe <boxes...>', 'say what is in each y1,x1,y2,x2 (shares of the sides, 0 … 1)')
    .option('--beams <n>', 'texts that are followed at once (default: 1)')
    .option('--max-tokens <n>', "longest answer (default: what the decoder's length leaves)")
    .option('--draw <file>', 'write the image with its boxes as PNG');
  withJson(
    withEngine(command),
    'one JSON object an answer: {"image", "task", "text", "logProbability", "ended", "box", "pixels"}',
  )
    .addHelpText(
      'after',
      examples(
        'siglip2 caption cat.jpg dog.jpg --model runs/mine/model --beams 4',
        'siglip2 caption cat.jpg --model runs/mine/model --refer "the left ear" --draw ear.png',
        'siglip2 caption cat.jpg --model runs/mine/model --describe 0,0,0.5,1 --json',
      ),
    )
    .action((images: string[], options: Record<string, unknown>) => caption(images, options, io));
}
