// The network that the page holds: predicts as `mnist predict` does.

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function floatsOf(base64) {
  const bytes = new DataView(bytesOf(base64).buffer);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => bytes.getFloat32(4 * i, true));
}

// Abramowitz and Stegun, 7.1.26: off by at most 1.5e-7.
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

// z = W x + b; most inputs are zero.
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

// As torch.nn.BatchNorm1d predicts: of each value its running mean and variance, then a scale.
function batchNorm(scale, offset, mean, variance, input) {
  return input.map((x, i) => ((x - mean[i]) / Math.sqrt(variance[i] + 1e-5)) * scale[i] + offset[i]);
}

class Network {
  // What network_json() of report/run_page.h writes.
  constructor({ layers, tensors, classes, side }) {
    const [inputs, ...stack] = layers.split(',');
    this.inputs = Number(inputs);
    this.classes = classes;
    this.side = side;
    const values = (name) => (tensors[name] ? floatsOf(tensors[name].data) : null);
    this.steps = stack.map((entry, i) => {
      if (ACTIVATIONS[entry]) return { apply: ACTIVATIONS[entry] };
      if (entry.startsWith('dropout:')) return { apply: (input) => input };
      const weights = values(`${i}.weight`);
      const bias = values(`${i}.bias`);
      if (entry === 'batchnorm') {
        const [mean, variance] = [values(`${i}.running_mean`), values(`${i}.running_var`)];
        return { apply: (input) => batchNorm(weights, bias, mean, variance, input) };
      }
      if (!weights) throw new Error(`this page does not know the layer ${entry}`);
      return { weights, bias, apply: (input) => dense(weights, bias, input) };
    });
  }

  // Probabilities from pixels of 0 to 255.
  predict(pixels) {
    const input = Float64Array.from(pixels, (pixel) => pixel / 255);
    return this.steps.reduce((values, step) => step.apply(values), input);
  }

  // The weights [units × inputs] and biases of the layer that looks at the pixels.
  get firstLayer() {
    return this.steps[0].weights ? this.steps[0] : null;
  }
}
