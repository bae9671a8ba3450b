import protobuf from 'protobufjs';

/** The part of tensorflow's event.proto and summary.proto that scalars need, with their field numbers. */
const SCHEMA = `
syntax = "proto3";
package tensorflow;
message Summary {
  // In a oneof, as in the original: a plain field would leave zeros out.
  message Value { string tag = 1; oneof value { float simple_value = 2; } }
  repeated Value value = 1;
}
message Event {
  double wall_time = 1; int64 step = 2;
  oneof what { string file_version = 3; Summary summary = 5; }
}
`;

const EventProto = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('tensorflow.Event');

const encode = (event: object): Uint8Array => EventProto.encode(EventProto.create(event)).finish();

/** What an event file begins with. @param time seconds since 1970 */
export const versionEvent = (time: number): Uint8Array =>
  encode({ wall_time: time, file_version: 'brain.Event:2' });

/** Scalars of one step. @param time seconds since 1970 */
export const scalarEvent = (
  step: number,
  time: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array =>
  encode({
    wall_time: time,
    step,
    summary: { value: Object.entries(scalars).map(([tag, value]) => ({ tag, simple_value: value })) },
  });
