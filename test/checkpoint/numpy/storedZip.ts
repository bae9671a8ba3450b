import { crc32 } from 'node:zlib';

const SENTINEL = 0xffffffff;

interface Member {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A `.npy` file of float32 numbers. */
export function npy(shape: readonly number[], values: readonly number[], header?: string): Buffer {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = header ?? `{'descr': '<f4', 'fortran_order': False, 'shape': (${list}), }`;
  const padded = `${text.padEnd(117)}\n`;
  const prefix = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  prefix.writeUInt16LE(padded.length, 8);
  return Buffer.concat([
    prefix,
    Buffer.from(padded, 'latin1'),
    Buffer.from(Float32Array.from(values).buffer),
  ]);
}

function localHeader({ name, bytes }: Member): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt32LE(crc32(bytes), 14);
  header.writeUInt32LE(SENTINEL, 18);
  header.writeUInt32LE(SENTINEL, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(20, 28);
  const extra = Buffer.alloc(20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeBigUInt64LE(BigInt(bytes.length), 4);
  extra.writeBigUInt64LE(BigInt(bytes.length), 12);
  return Buffer.concat([header, Buffer.from(name), extra, bytes]);
}

function centralHeader({ name, bytes }: Member, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt32LE(crc32(bytes), 16);
  for (const at of [20, 24, 42]) header.writeUInt32LE(SENTINEL, at);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(28 + 6, 30);
  const extra = Buffer.alloc(6 + 28);
  // Another field first: readers must step over what they do not know.
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(2, 2);
  extra.writeUInt16LE(1, 6);
  extra.writeUInt16LE(24, 8);
  for (const [i, value] of [bytes.length, bytes.length, offset].entries())
    extra.writeBigUInt64LE(BigInt(value), 10 + 8 * i);
  return Buffer.concat([header, Buffer.from(name), extra]);
}

/** A stored archive in which every number that can be 64-bit is: what tools write for archives over 4 GiB. */
export function zip64(members: readonly Member[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    central.push(centralHeader(member, at));
    parts.push(localHeader(member));
    at += parts.at(-1)!.length;
  }
  const directory = Buffer.concat(central);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  for (const offset of [24, 32]) end64.writeBigUInt64LE(BigInt(members.length), offset);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(at), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at + directory.length), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, directory, end64, locator, end, Buffer.from(comment)]);
}
