// Runs an ONNX model on rows of bytes by ONNX Runtime and prints its probabilities, one a line.
// Usage: node onnx_predict.js MODEL PIXELS FEATURES, or --check: whether the runtime is there.
const fs = require('fs');
const runtime = require('onnxruntime-node');

async function main([model, pixels, features]) {
  if (model === '--check') return;
  const session = await runtime.InferenceSession.create(model);
  const names = `${session.inputNames} -> ${session.outputNames}`;
  if (names !== 'pixels -> probabilities') throw new Error(names);
  const values = Float32Array.from(fs.readFileSync(pixels));
  const shape = [values.length / Number(features), Number(features)];
  const input = new runtime.Tensor('float32', values, shape);
  const { probabilities } = await session.run({ pixels: input });
  console.log(Array.from(probabilities.data).join('\n'));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
