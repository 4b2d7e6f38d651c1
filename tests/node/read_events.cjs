// Prints the events of a TensorBoard event file as readers by others see them: TFRecords by
// tfrecord-stream, which checks the checksums, and messages by protobufjs.
// Usage: node read_events.cjs FILE
const { RecordReader } = require('tfrecord-stream');
const protobuf = require('protobufjs');

// The fields of tensorflow/core/util/event.proto and framework/summary.proto that scalars take.
const Event = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; }
  }
  message Summary {
    message Value { string tag = 1; oneof value { float simple_value = 2; } }
    repeated Value value = 1;
  }
`, { keepCase: true }).root.lookupType('Event');

async function main([file]) {
  const reader = await RecordReader.create(file);
  const events = [];
  for (let record; (record = await reader.readRecord()) !== null;) {
    events.push(Event.toObject(Event.decode(record), { longs: Number }));
  }
  console.log(JSON.stringify(events));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
