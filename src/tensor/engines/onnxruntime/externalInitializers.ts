import protobuf from 'protobufjs';
import { ModelProto } from '../../onnx/proto.ts';
import type { Arrays } from '../../session.ts';

/** Field numbers of onnx.proto. */
const GRAPH = 7;
const INITIALIZER = 5;
const EXTERNAL = 1;
const LENGTH_DELIMITED = 2;

const TensorProto = ModelProto.root.lookupType('onnx.TensorProto');

/**
 * Gives every named external initializer a pretended file of its own, called like the initializer. The official
 * binding takes weights from memory only as the contents of such files. All else is copied byte for byte.
 * @throws Error naming an array for which the model has no external initializer.
 */
export function nameExternalFiles(model: Uint8Array, arrays: Arrays): Uint8Array {
  const missing = new Set(Object.keys(arrays));
  const renamed = editField(model, GRAPH, (graph) =>
    editField(graph, INITIALIZER, (bytes) => {
      const tensor = TensorProto.toObject(TensorProto.decode(bytes));
      const name = String(tensor['name']);
      const array = arrays[name];
      if (!array || tensor['data_location'] !== EXTERNAL) return bytes;
      missing.delete(name);
      const entries = { location: name, offset: '0', length: String(array.data.byteLength) };
      const external = Object.entries(entries).map(([key, value]) => ({ key, value }));
      return TensorProto.encode(TensorProto.fromObject({ ...tensor, external_data: external })).finish();
    }),
  );
  for (const name of missing) throw new Error(`The model has no external initializer "${name}".`);
  return renamed;
}

/** Replaces every length-delimited field of one number in a protobuf message. */
function editField(bytes: Uint8Array, field: number, edit: (payload: Uint8Array) => Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(bytes);
  const parts: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    if (tag >>> 3 === field && (tag & 7) === LENGTH_DELIMITED) {
      const payload = edit(reader.bytes());
      parts.push(protobuf.Writer.create().uint32(tag).uint32(payload.length).finish(), payload);
    } else {
      reader.skipType(tag & 7);
      parts.push(bytes.subarray(start, reader.pos));
    }
  }
  return Buffer.concat(parts);
}
