import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imageFolder } from '../../../../src/data/sources/folder/imageFolder.ts';
import {
  addSkipped,
  listFolder,
  skippedOf,
  skippedText,
} from '../../../../src/data/sources/folder/listFolder.ts';
import { picture, temporaryFolder } from '../../pictures.ts';

const folder = temporaryFolder();
const write = async (path: string, content: Uint8Array | string = '') => {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), content);
};

describe('the lister of every command', () => {
  it('takes links to files, ends in cycles of links, and counts what it leaves out', async () => {
    await write('store/0.png', await picture(0));
    await write('photos/real.png', await picture(1));
    await write('photos/below/b.jpg', await picture(2, 'jpeg'));
    await write('photos/below/b.txt', 'a caption');
    await write('photos/notes.md');
    await write('photos/README');
    await write('photos/.hidden.png');
    await symlink('../store/0.png', join(folder, 'photos/link.png'));
    await symlink('nowhere.png', join(folder, 'photos/dead.png'));
    await symlink('..', join(folder, 'photos/below/up'));
    await symlink('../store', join(folder, 'photos/away'));
    const listing = await listFolder(join(folder, 'photos'));
    expect(listing.files).toEqual([
      'README',
      'below/b.jpg',
      'below/b.txt',
      'dead.png',
      'link.png',
      'notes.md',
      'real.png',
    ]);
    expect(listing).toMatchObject({ hidden: 1, folderLinks: 2, bad: [] });
    const skipped = skippedOf(listing, (path) => /(png|jpg)$/.test(path));
    expect(skippedText(skipped)).toBe('1 without an ending, 1 .md, 1 .txt, 1 hidden, 2 links to folders');
    expect(addSkipped([skipped, skipped])).toMatchObject({
      extensions: { md: 2 },
      hidden: 2,
      folderLinks: 4,
    });

    const source = await imageFolder(join(folder, 'photos'), { keepUncaptioned: true });
    expect(source.size).toBe(4);
    // A caption beside its image is used.
    expect(skippedText(source.skipped!)).toBe('1 without an ending, 1 .md, 1 hidden, 2 links to folders');
  });

  it('knows one list of endings', async () => {
    const names = [
      '0.jfif',
      '1.JFIF',
      '2.jpe',
      '3.bmp',
      '4.tiff',
      '5.tif',
      '6.dib',
      '7.avif',
      '8.svg',
      '9.heic',
    ];
    for (const name of names) await write(`exts/${name}`, await picture(1));
    const source = await imageFolder(join(folder, 'exts'), { keepUncaptioned: true });
    expect(source.size).toBe(8);
    expect(skippedText(source.skipped!)).toBe('1 .heic, 1 .svg');
  });
});

describe('captions that are no text', () => {
  const latin1 = Buffer.from('file,caption\n0.png,caf\xe9\n', 'latin1');

  it('refuse a caption file, with its line', async () => {
    await write('latin/0.png', await picture(0));
    await write('latin/captions.csv', latin1);
    await expect(imageFolder(join(folder, 'latin'))).rejects.toThrow(
      /latin\/captions\.csv: line 2 is not valid UTF-8: save the file as UTF-8/,
    );
    await write('latin2/0.png', await picture(0));
    await write('latin2/captions.jsonl', Buffer.from('\n\n{"file": "0.png", "text": "\xe9"}', 'latin1'));
    await expect(imageFolder(join(folder, 'latin2'))).rejects.toThrow(
      /captions\.jsonl: line 3 is not valid UTF-8/,
    );
  });

  it('spoil one sample where they lie beside it', async () => {
    await write('beside/0.png', await picture(0));
    await write('beside/0.txt', Buffer.from('caf\xe9', 'latin1'));
    const { bad } = await (await imageFolder(join(folder, 'beside'))).read(0);
    expect(bad).toMatchObject({
      reason: 'malformed-metadata',
      detail: expect.stringMatching(/0\.txt: line 1 is not valid UTF-8/),
    });
  });

  it('are read in UTF-16 where a mark says so', async () => {
    await write('wide/0.png', await picture(0));
    await write('wide/captions.csv', Buffer.from('\ufefffile,caption\n0.png,Größe 大\n', 'utf16le'));
    const { sample } = await (await imageFolder(join(folder, 'wide'))).read(0);
    expect(sample?.captions).toEqual([{ text: 'Größe 大' }]);
    await write('wide2/0.png', await picture(0));
    await write('wide2/0.txt', Buffer.from('\ufeffсмайлик\n', 'utf16le').swap16());
    expect((await (await imageFolder(join(folder, 'wide2'))).read(0)).sample?.captions).toEqual([
      { text: 'смайлик' },
    ]);
  });
});
