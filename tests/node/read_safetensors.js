// Prints name, dtype, shape and sum of each tensor of a file as an independent reader sees them.
import { readFileSync } from "node:fs";

import { safetensors } from "@jax-js/loaders";

const bytes = readFileSync(process.argv[2]);
const file = safetensors.parse(
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
);
const tensors = Object.entries(file.tensors).map(([name, { dtype, shape, data }]) => ({
  name,
  dtype,
  shape,
  sum: data.reduce((sum, x) => sum + x, 0),
}));
console.log(JSON.stringify({ metadata: file.metadata, tensors }));
