import { extensionsOf, RASTER_FORMATS } from '../../../input/image/decode/imageFormat.ts';
import { badRead, messageOf } from '../../samples/badRead.ts';
import type { BadReason, Read } from '../../samples/sample.ts';
import { captionLines, parseSampleText, type SampleText } from '../../samples/sampleText.ts';
import { captionedRead } from '../captionedRead.ts';
import { MAX_IMAGE_BYTES, MAX_TEXT_BYTES, type SourceOptions } from '../source.ts';
import type { TarMember } from '../tar/tarMembers.ts';

/** No drawings: a sample may hold one beside the picture that was made of it. */
const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(extensionsOf(RASTER_FORMATS));

/** The members of one sample: those that follow each other and have the same name up to the first dot. */
export interface Group {
  readonly key: string;
  /** Where the next member begins. */
  end: number;
  image?: Uint8Array;
  text?: Uint8Array;
  json?: Uint8Array;
  /** The first thing that was wrong. */
  wrong?: { readonly reason: BadReason; readonly detail: string };
}

/** Nothing is ever written under a member's name; one that tries to leave its folder is still a forgery. */
const isUnsafe = (name: string): boolean =>
  /^([/\\]|[a-z]:)/i.test(name) || name.includes('\0') || name.split(/[/\\]/).includes('..');

/**
 * WebDataset's rule: the key is the path up to the first dot of the file name, the rest is the extension. Names that
 * begin with a dot or two underscores carry no sample. An unsafe name keeps its own key, so that it is reported.
 */
export function splitMemberName(name: string): { key: string; extension: string } | undefined {
  if (isUnsafe(name)) return { key: name.replace(/\.[^./\\]+$/, ''), extension: '' };
  const match = /^((?:.*\/)?(?!__)[^./][^./]*)\.([^/]+)$/s.exec(name);
  return match ? { key: match[1]!, extension: match[2]!.toLowerCase() } : undefined;
}

/** What the member is wrong about, by its header alone. */
function wrongHeader({ name, type, size }: TarMember, limit: number): Group['wrong'] {
  if (isUnsafe(name)) return { reason: 'unsafe-path', detail: `${name} leads out of the archive` };
  if (type !== 'file' && type !== 'contiguous-file')
    return { reason: 'not-a-file', detail: `${name} is a ${type ?? 'member of unknown type'}` };
  if (size > limit)
    return { reason: 'too-large', detail: `${name} has ${size} bytes, more than the limit of ${limit}` };
  return undefined;
}

/** Takes a member into its group; reads the content only where it is of use and within the limits. */
export async function addMember(
  group: Group,
  extension: string,
  member: TarMember,
  options: SourceOptions,
): Promise<void> {
  group.end = member.end;
  const slot = IMAGE_EXTENSIONS.has(extension) ? 'image' : slotOf(extension);
  const limit = slot === 'image' ? (options.maxImageBytes ?? MAX_IMAGE_BYTES) : MAX_TEXT_BYTES;
  // A member that is of no use may be of any size: it is passed over.
  group.wrong ??= wrongHeader(member, slot ? limit : Number.POSITIVE_INFINITY);
  if (!slot || group.wrong) return;
  if (group[slot])
    group.wrong = { reason: 'duplicate-member', detail: `${member.name}: a second ${slot} of one sample` };
  else group[slot] = await member.read();
}

const slotOf = (extension: string): 'text' | 'json' | undefined =>
  extension === 'txt' ? 'text' : extension === 'json' ? 'json' : undefined;

/** The group as a sample. Captions are those of the JSON member, or where it has none, the lines of the text. */
export function readGroup(group: Group, source: string, options: SourceOptions): Read {
  const { key, image, wrong } = group;
  if (wrong) return badRead(source, key, wrong.reason, wrong.detail);
  if (!image)
    return badRead(source, key, 'missing-image', `has no image member (${[...IMAGE_EXTENSIONS].join(', ')})`);
  if (image.length === 0) return badRead(source, key, 'undecodable', 'the image member is empty');
  try {
    const said = textOf(group, options.language);
    if (said.captions.length === 0 && !said.regions && said.odd)
      return badRead(source, key, 'malformed-metadata', said.odd[0]!);
    return captionedRead({ image, source, ...said, key: said.key ?? key }, options);
  } catch (error) {
    return badRead(source, key, 'malformed-metadata', messageOf(error));
  }
}

/** The captions of the JSON member, or where it has none, the lines of the text: damage of one leaves the other. */
function textOf({ key, text, json }: Group, language?: string): SampleText {
  const said = json ? jsonText(json, `${key}.json`, language) : { captions: [] };
  return said.captions.length === 0 && text
    ? { ...said, captions: captionLines(text, `${key}.txt`, language) }
    : said;
}

function jsonText(json: Uint8Array, name: string, language?: string): SampleText {
  try {
    return parseSampleText(json, name, language);
  } catch (error) {
    return { captions: [], odd: [messageOf(error)] };
  }
}
