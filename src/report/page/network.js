// The network in the page; it predicts like `mnist predict`.

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function floatsOf(base64) {
  const bytes = new DataView(bytesOf(base64).buffer);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getFloat32(4 * i, true));
}

// Abramowitz and Stegun, 7.1.26, with an error of at most 1.5e-7.
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const sum = series.reduce((value, coefficient) => (value + coefficient) * t, 0);
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

function normalized(values, extra = 0) {
  const sum = values.reduce((total, value) => total + value, extra);
  return values.map((value) => value / sum);
}

const ACTIVATIONS = {
  relu: (z) => z.map((x) => Math.max(x, 0)),
  'leaky-relu': (z) => z.map((x) => (x > 0 ? x : 0.01 * x)),
  sigmoid: (z) => z.map((x) => 1 / (1 + Math.exp(-x))),
  tanh: (z) => z.map(Math.tanh),
  gelu: (z) => z.map((x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))),
  softmax: (z) => {
    const largest = z.reduce((a, b) => Math.max(a, b));
    return normalized(z.map((x) => Math.exp(x - largest)));
  },
  'article-softmax': (z) => normalized(z.map((x) => Math.exp(Math.min(Math.max(x, -5), 5))), 1e-3),
};

// z = W x + b. Skips zero inputs, which most are.
function dense(weights, bias, input) {
  const used = [...input.keys()].filter((i) => input[i] !== 0);
  const z = new Float64Array(weights.length / input.length);
  for (let o = 0, row = 0; o < z.length; ++o, row += input.length) {
    let sum = bias ? bias[o] : 0;
    for (const i of used) sum += weights[row + i] * input[i];
    z[o] = sum;
  }
  return z;
}

// Inference of torch.nn.BatchNorm1d and 2d, with the running mean and variance of each channel.
function batchNorm(scale, offset, mean, variance, input) {
  const plane = input.length / scale.length;
  return input.map((x, i) => {
    const c = Math.floor(i / plane);
    return ((x - mean[c]) / Math.sqrt(variance[c] + 1e-5)) * scale[c] + offset[c];
  });
}

// Shapes are { channels, height, width }; values are stored channel by channel, row by row.
function sizeOf({ channels, height, width }) {
  return channels * height * width;
}

// "28x28", "3x32x32" or "784".
function inputShape(text) {
  const sides = text.split('x').map(Number);
  if (sides.length === 1) return { channels: sides[0], height: 1, width: 1 };
  const [width, height, channels = 1] = sides.reverse();
  return { channels, height, width };
}

// "32c5", "32c5same", "32c3s2", "32c3s2same"; null for any other entry.
function convolutionOf(entry) {
  const match = /^(\d+)c(\d+)(?:s(\d+))?(same)?$/.exec(entry);
  if (!match) return null;
  const side = Number(match[2]);
  return {
    channels: Number(match[1]),
    side,
    stride: Number(match[3] ?? 1),
    padding: match[4] ? (side - 1) / 2 : 0,
  };
}

function convolvedShape({ channels, side, stride, padding }, { height, width }) {
  const places = (extent) => Math.floor((extent + 2 * padding - side) / stride) + 1;
  return { channels, height: places(height), width: places(width) };
}

function convolve({ side, stride, padding }, from, to, weights, bias, input) {
  const z = new Float64Array(sizeOf(to));
  const patch = from.channels * side * side;
  for (let i = 0; i < z.length; ++i) {
    const o = Math.floor(i / (to.height * to.width));
    const top = Math.floor((i % (to.height * to.width)) / to.width) * stride - padding;
    const left = (i % to.width) * stride - padding;
    let sum = bias ? bias[o] : 0;
    for (let k = 0; k < patch; ++k) {
      const row = top + (Math.floor(k / side) % side);
      const column = left + (k % side);
      if (row < 0 || row >= from.height || column < 0 || column >= from.width) continue;
      const c = Math.floor(k / (side * side));
      sum += weights[o * patch + k] * input[(c * from.height + row) * from.width + column];
    }
    z[i] = sum;
  }
  return z;
}

// "maxpool:2", "avgpool:2", "avgpool" over the whole plane; null for any other entry.
function poolingOf(entry, { height, width }) {
  const match = /^(max|avg)pool(?::(\d+))?$/.exec(entry);
  if (!match) return null;
  return { largest: match[1] === 'max', height: Number(match[2] ?? height), width: Number(match[2] ?? width) };
}

function pooledShape(window, { channels, height, width }) {
  return {
    channels,
    height: Math.floor(height / window.height),
    width: Math.floor(width / window.width),
  };
}

function pool(window, from, to, input) {
  return Float64Array.from({ length: sizeOf(to) }, (_, i) => {
    const c = Math.floor(i / (to.height * to.width));
    const top = Math.floor((i % (to.height * to.width)) / to.width) * window.height;
    const left = (i % to.width) * window.width;
    const values = [];
    for (let y = top; y < top + window.height; ++y) {
      for (let x = left; x < left + window.width; ++x) {
        values.push(input[(c * from.height + y) * from.width + x]);
      }
    }
    if (window.largest) return Math.max(...values);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}

class Network {
  // Takes the output of network_json() in report/run_page.h.
  constructor({ layers, tensors, classes, side }) {
    const [input, ...stack] = layers.split(',');
    let shape = inputShape(input);
    this.inputs = sizeOf(shape);
    this.classes = classes;
    this.side = side;
    this.square = { channels: 1, height: side, width: side };
    const values = (name) => (tensors[name] ? floatsOf(tensors[name].data) : null);
    // Layers are numbered as in torch.nn.Sequential, with a Flatten before the first dense layer
    // after planes.
    const planes = input.includes('x');
    const firstDense = stack.findIndex((entry) => /^\d+$/.test(entry));
    this.steps = stack.map((entry, i) => {
      const from = shape;
      const name = planes && i >= firstDense ? i + 1 : i;
      if (ACTIVATIONS[entry]) return { apply: ACTIVATIONS[entry] };
      if (entry.startsWith('dropout:')) return { apply: (values_) => values_ };
      const window = poolingOf(entry, from);
      if (window) {
        const to = pooledShape(window, from);
        shape = to;
        return { apply: (below) => pool(window, from, to, below) };
      }
      const weights = values(`${name}.weight`);
      const bias = values(`${name}.bias`);
      if (!weights) throw new Error(`this page does not know the layer ${entry}`);
      if (entry === 'batchnorm') {
        const [mean, variance] = [values(`${name}.running_mean`), values(`${name}.running_var`)];
        return { apply: (below) => batchNorm(weights, bias, mean, variance, below) };
      }
      const convolution = convolutionOf(entry);
      if (convolution) {
        const to = convolvedShape(convolution, from);
        shape = to;
        return {
          weights,
          bias,
          // Kernels can be drawn if there is one input channel.
          inputs: from.channels * convolution.side ** 2,
          side: from.channels === 1 ? convolution.side : null,
          apply: (below) => convolve(convolution, from, to, weights, bias, below),
        };
      }
      const inputs = sizeOf(from);
      shape = { channels: Number(entry), height: 1, width: 1 };
      return { weights, bias, inputs, side, apply: (below) => dense(weights, bias, below) };
    });
  }

  // The probabilities for pixels from 0 to 255.
  predict(pixels) {
    const input = Float64Array.from(pixels, (pixel) => pixel / 255);
    return this.steps.reduce((values, step) => step.apply(values), input);
  }

  // The first layer, if the weights of a unit form a square image: its weights [units × inputs],
  // biases, and the side of the square.
  get firstLayer() {
    return this.steps[0].weights && this.steps[0].side ? this.steps[0] : null;
  }
}
