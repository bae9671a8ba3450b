import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { shapedPictures } from './pictures.ts';

/** A folder with all that folders have, and what of it is pictures. */
export interface MixedFolder {
  readonly root: string;
  /** Where its pictures lie, by their number; kept as they are moved. */
  readonly pictures: Map<number, string>;
  readonly bad: number;
}

const NAMES = ['2019', '2020/summer', '2020/winter', 'Šumava 🏞️'];

/** Makes a folder of about `count` files: pictures, copies, links, hidden, broken and other files. */
export async function mixedFolder(root: string, count: number): Promise<MixedFolder> {
  const good = Math.floor(0.9 * count);
  const sizes = Array.from({ length: good }, (_, i): [number, number] => [64 + (i % 40), 48 + (i % 31)]);
  const made = await shapedPictures(join(root, '..', 'made'), sizes);
  const pictures = new Map<number, string>();
  for (const name of NAMES) mkdirSync(join(root, name), { recursive: true });
  for (const [i, from] of made.entries()) {
    const path = join(root, NAMES[i % NAMES.length]!, `IMG_${String(i).padStart(5, '0')}.jpg`);
    renameSync(from, path);
    pictures.set(i, path);
  }
  // Copies, and links to pictures, are pictures too.
  mkdirSync(join(root, 'copies'));
  const few = Math.floor(0.03 * count);
  for (let i = 0; i < few; i++) {
    const copy = join(root, 'copies', `copy ${i}.jpg`);
    copyFileSync(pictures.get(7 * i)!, copy);
    pictures.set(10_000 + i, copy);
    const link = join(root, 'copies', `link ${i}.jpg`);
    symlinkSync(pictures.get(11 * i)!, link);
    pictures.set(20_000 + i, link);
  }
  symlinkSync(root, join(root, 'copies', 'circle'));
  mkdirSync(join(root, '.hidden'));
  copyFileSync(pictures.get(0)!, join(root, '.hidden', 'a.jpg'));
  mkdirSync(join(root, 'broken'));
  for (let i = 0; i < few; i++)
    writeFileSync(join(root, 'broken', `${i}.jpg`), readFileSync(pictures.get(i)!).subarray(0, 200 + i));
  symlinkSync(join(root, 'nowhere.jpg'), join(root, 'broken', 'link.jpg'));
  writeFileSync(join(root, 'notes.txt'), 'no picture');
  return { root, pictures, bad: few + 1 };
}

/** What became of pictures, by their number. */
export interface MixedChanges {
  /** Their ids must be as before. */
  readonly kept: readonly number[];
  readonly gone: readonly number[];
}

/** Changes a folder as people do: moves, renumbers, touches, replaces, removes and adds. */
export async function changeFolder({ root, pictures }: MixedFolder, by: number): Promise<MixedChanges> {
  // A folder goes elsewhere.
  renameSync(join(root, '2020/winter'), join(root, 'winter'));
  for (const [i, path] of pictures)
    pictures.set(i, path.replace(join(root, '2020/winter'), join(root, 'winter')));
  // The links now lead nowhere where their pictures were moved.
  rmSync(join(root, 'copies'), { recursive: true });
  const gone = [...pictures].filter(([, path]) => path.startsWith(join(root, 'copies'))).map(([i]) => i);
  // A row is numbered anew.
  const row = Array.from({ length: by }, (_, i) => 4 * i);
  const last = join(root, '2019', 'IMG_last.jpg');
  for (const [place, i] of [...row.entries()].reverse()) {
    const to = place === row.length - 1 ? last : pictures.get(row[place + 1]!)!;
    renameSync(pictures.get(i)!, to);
  }
  const places = [...row.slice(1).map((i) => pictures.get(i)!), last];
  for (const [place, i] of row.entries()) {
    pictures.set(i, places[place]!);
    utimesSync(places[place]!, new Date(), new Date(Date.now() - 1000 * (place + 1)));
  }
  for (let i = 0; i < by; i++) {
    const touched = pictures.get(4 * (by + i) + 1)!;
    utimesSync(touched, new Date(), new Date(Date.now() - 60_000));
    const removed = 4 * i + 2;
    rmSync(pictures.get(removed)!);
    gone.push(removed);
  }
  const kept = [...pictures.keys()].filter((i) => !gone.includes(i));
  const added = await shapedPictures(
    join(root, 'added'),
    Array.from({ length: by }, (_, i): [number, number] => [90 + i, 110]),
  );
  const replaced = Array.from({ length: by }, (_, i) => 4 * i + 1);
  for (const [i, number] of replaced.entries()) renameSync(added[i]!, pictures.get(number)!);
  for (const number of gone) pictures.delete(number);
  return { kept: kept.filter((i) => !replaced.includes(i)), gone };
}
