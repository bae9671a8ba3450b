import { maskedCrc32c } from './crc32c.ts';

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

/**
 * One TFRecord: the length as uint64, its masked CRC-32C, the bytes, and theirs; little-endian
 * (tensorflow/core/lib/io/record_writer.h).
 */
export function tfRecord(payload: Uint8Array): Buffer {
  const record = Buffer.alloc(LENGTH_BYTES + CRC_BYTES + payload.length + CRC_BYTES);
  record.writeBigUInt64LE(BigInt(payload.length));
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, LENGTH_BYTES)), LENGTH_BYTES);
  record.set(payload, LENGTH_BYTES + CRC_BYTES);
  record.writeUInt32LE(maskedCrc32c(payload), LENGTH_BYTES + CRC_BYTES + payload.length);
  return record;
}
