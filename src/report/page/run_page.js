// The page of a training run, or of a network without its run, from the data of commands/run_report.h.

const MAX_UNITS = 100;    // units of the first layer to draw
const MAX_NUMBERS = 20;   // with more classes, the confusion matrix has no room for numbers
const UNSURE = 1.96;      // standard deviations: 95 % of a normal distribution lie within them

// [step, value, step, value, ..] as points.
function curvePoints(flat, factor = 1) {
  return Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i], y: factor * flat[2 * i + 1] }));
}

// A chart over steps; its tooltip shows the values of its curves.
function curveChart(title, stepAxis, y, curves, logSwitch = false) {
  const series = curves.filter(({ points }) => points.length > 0);
  if (series.length === 0) return html('p', { class: 'remark' }, `${title}: nothing was recorded.`);
  const all = series.flatMap(({ points }) => points);
  const values = all.map((point) => point.y);
  const [lowest, highest] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const lastStep = all.reduce((last, point) => Math.max(last, point.x), 1);
  const told = series.filter(({ silent }) => !silent);
  const last = told.map(({ name, points }) => `${name} ${asNumber(points.at(-1).y, 4)}`).join(', ');
  const axis = (log) => {
    const smallest = values.filter((value) => value > 0).reduce((a, b) => Math.min(a, b), highest) || 1;
    if (log) return { ...y, log, min: smallest, max: Math.max(highest, 1.01 * smallest) };
    const min = y.fromZero ? 0 : lowest - 0.08 * (highest - lowest || 1);
    return { ...y, min, max: Math.min(highest + 0.05 * (highest - min || 1), y.limit ?? Infinity) };
  };
  const drawn = (log) => series.map((one) => (log
    ? { ...one, points: one.points.filter((point) => point.y > 0) } : one));
  const spec = {
    label: `${title} by step; at the end: ${last}`,
    x: { label: stepAxis, min: 0, max: lastStep, format: asCount },
    y: axis(false),
    series,
    readout: (distance) => {
      const nearest = told.map(({ name, points }) => ({ name,
        point: points.reduce((a, b) => (distance(b.x) < distance(a.x) ? b : a)) }));
      const { x } = nearest.map(({ point }) => point)
        .reduce((a, b) => (distance(b.x) < distance(a.x) ? b : a));
      return { x, text: [`step ${asCount(x)}`,
        ...nearest.map(({ name, point }) => `${name}: ${asNumber(point.y, 4)}`)] };
    },
  };
  if (logSwitch) {
    const change = (event) => chart.update({ y: axis(event.target.checked), series: drawn(event.target.checked) });
    spec.controls = html('label', {}, html('input', { type: 'checkbox', change }), 'logarithmic');
  }
  const chart = new Chart(spec);
  return html('figure', {}, html('figcaption', {}, title), chart.element);
}

function curvesSection(curves) {
  const validated = curves.validation_accuracy.length > 0;
  const dots = (flat, factor = 1) => curvePoints(flat, factor).map((point) => ({ ...point, radius: 3 }));
  return section('curves', 'Loss and accuracy',
    curveChart('Loss', curves.step_axis, { label: curves.loss_axis, fromZero: true }, [
      { name: 'each step', kind: 'line', style: 'raw', points: curvePoints(curves.loss), silent: true },
      { name: `smoothed over ${asNumber(curves.smoothing)} steps`, kind: 'line', style: 'first',
        points: curvePoints(curves.smoothed_loss) },
      { name: null, kind: 'line', style: 'second', points: curvePoints(curves.validation_loss), silent: true },
      { name: 'validation', kind: 'dots', style: 'second', points: dots(curves.validation_loss) }], true),
    html('div', { class: 'charts' }, validated ? curveChart('Accuracy', curves.step_axis,
      { label: 'validation accuracy (%)', limit: 100 }, [
        { name: null, kind: 'line', style: 'second', silent: true,
          points: curvePoints(curves.validation_accuracy, 100) },
        { name: 'validation accuracy (%)', kind: 'dots', style: 'second',
          points: dots(curves.validation_accuracy, 100) }])
      : html('p', { class: 'remark' }, 'No accuracies on the way: nothing was held out of the training data. ',
        html('code', {}, 'mnist train --validation 5000'), ' measures them after each epoch.'),
    curveChart('Learning rate', curves.step_axis, { label: 'learning rate', fromZero: true }, [
      { name: 'learning rate', kind: 'line', style: 'third', points: curvePoints(curves.learning_rate) }])));
}

// Correct cells are shaded by their part of the row, mistakes in another color by their number.
function confusionSection({ confusion, per_class: classes }) {
  const numbers = classes.length <= MAX_NUMBERS;
  const worst = confusion.flatMap((row, r) => row.filter((_, c) => c !== r)).reduce((a, b) => Math.max(a, b), 1);
  const cell = (n, r, c) => {
    const share = r === c ? n / Math.max(classes[r].count, 1) : Math.sqrt(n / worst);
    const what = `label ${classes[r].name}, guess ${classes[c].name}: ${asCount(n)}`;
    return html('td', { class: r === c ? 'right' : 'wrong', title: what, style: `--share: ${share.toFixed(3)}` },
      numbers ? (n > 0 ? asCount(n) : html('span', { class: 'none' }, '0')) : '');
  };
  const title = (name, scope) => html('th', { scope, title: name }, html('span', {}, name));
  return section('confusion', 'Confusion matrix',
    table('Numbers of images, a row per label and a column per guess',
      [html('th', { class: 'corner' }, html('span', {}, 'label \\ guess')), classes.map(({ name }) => title(name, 'col'))],
      confusion.map((row, r) => [title(classes[r].name, 'row'), row.map((n, c) => cell(n, r, c))]),
      numbers ? 'confusion' : 'confusion narrow'));
}

function classesSection({ per_class: classes }) {
  const missing = (share) => (share === null ? 0 : 1 - share);
  const worst = classes.flatMap((one) => [one.precision, one.recall, one.f1].map(missing)).reduce((a, b) => Math.max(a, b), 1e-9);
  const cell = (share) => html('td', { style: `--share: ${(missing(share) / worst).toFixed(3)}` }, asPercent(share));
  const head = ['Class', 'Images', 'Precision', 'Recall', 'F1'];
  return section('classes', 'Precision and recall',
    table('Precision: right among the guesses. Recall: found among the images. F1: their harmonic mean. Low ones are shaded.',
      head.map((name) => html('th', { scope: 'col' }, name)),
      classes.map(({ name, count, precision, recall, f1 }) => [html('th', { scope: 'row' }, name),
        html('td', {}, asCount(count)), cell(precision), cell(recall), cell(f1)]), 'classes'));
}

// Wilson's 95 % confidence interval of a share.
function wilson(share, count) {
  const square = UNSURE ** 2 / count;
  const middle = (share + square / 2) / (1 + square);
  const half = UNSURE / (1 + square) * Math.sqrt(share * (1 - share) / count + square / count / 4);
  return [middle - half, middle + half];
}

function calibrationSection({ expected_error: expected, bins }) {
  const used = bins.filter(({ count }) => count > 0);
  const range = ({ low, high }) => `${asNumber(100 * low)} to ${asNumber(100 * high)} % sure`;
  const confidence = { label: 'probability of the guess (%)', min: 0, max: 100 };
  const dots = used.map(({ low, high, count, confidence: sure, accuracy }) => {
    const [from, to] = wilson(accuracy, count);
    return { x: 100 * sure, y: 100 * accuracy, low: 100 * from, high: 100 * to, radius: 5,
      text: [range({ low, high }), `${asCount(count)} images`, `${asPercent(accuracy, 1)} right`,
        `${asPercent(sure, 1)} sure on average`] };
  });
  const most = used.reduce((largest, { count }) => Math.max(largest, count), 1);
  const columns = used.map(({ low, high, count }) => ({ x: 50 * (low + high), low: 100 * low, high: 100 * high,
    y: count, text: [range({ low, high }), `${asCount(count)} images`] }));
  return section('calibration', 'Calibration',
    html('p', {}, 'Of the images that the network is 90 % sure about, 90 % should be right. The expected ',
      'calibration error, the mean distance from that, is ', html('strong', {}, asPercent(expected)),
      ` (${bins.length} bins).`),
    html('div', { class: 'charts' }, html('figure', {}, html('figcaption', {}, 'Accuracy by confidence'), new Chart({
      label: `Accuracy by probability of the guess; expected calibration error ${asPercent(expected)}`,
      x: confidence, y: { label: 'right (%)', min: 0, max: 100 }, height: 320,
      series: [
        { name: 'as sure as right', kind: 'line', style: 'ideal', points: [{ x: 0, y: 0 }, { x: 100, y: 100 }] },
        { name: 'images of a bin, with their 95 % interval', kind: 'dots', style: 'first', points: dots }],
    }).element),
    html('figure', {}, html('figcaption', {}, 'Images in each bin'), new Chart({
      label: 'Number of images by probability of the guess',
      x: confidence, y: { label: 'images (log scale)', min: 0.8, max: 1.3 * most, log: true, format: asCount }, height: 320,
      series: [{ name: null, kind: 'bars', style: 'first', points: columns }],
    }).element)));
}

function mistakesSection({ mistakes, metrics, shape }, classes, pad) {
  const wrong = metrics.count - metrics.correct;
  const id = 'mistakes';
  const title = 'Most confident mistakes';
  if (wrong === 0) return section(id, title, html('p', {}, 'None: every image was labelled right.'));
  const remark = `${asCount(mistakes.length)} of ${asCount(wrong)} mistakes, the surest first.`;
  if (!mistakes.every(({ pixels }) => pixels)) {
    return section(id, title, html('p', { class: 'remark' }, remark),
      table('Rows are numbered from 0', ['Row', 'Label', 'Guess', 'Probability']
        .map((name) => html('th', { scope: 'col' }, name)),
      mistakes.map(({ row, label, guess, probability }) => [row, classes[label], classes[guess],
        asPercent(probability)].map((text) => html('td', {}, text)))));
  }
  const card = ({ row, label, guess, probability, pixels }) => {
    const bytes = bytesOf(pixels);
    const image = [
      imageCanvas(bytes, shape, { class: 'ink', role: 'img', 'aria-label': `row ${row}` }),
      html('span', {}, html('span', { class: 'guessed' }, classes[guess]), ` ${asPercent(probability, 1)}`),
      html('span', { class: 'remark' }, `is ${classes[label]}`)];
    if (!pad) return html('li', {}, html('figure', { class: 'mistake', title: `row ${row}` }, image));
    const show = () => {
      pad.showImage(bytes);
      document.getElementById('pad').scrollIntoView({ behavior: 'smooth' });
      pad.board.focus({ preventScroll: true });
    };
    return html('li', {}, html('button', { type: 'button', click: show, title: `row ${row}: put it on the pad` },
      image));
  };
  return section(id, title, html('p', { class: 'remark' }, remark,
    ` In bold what the network took it for.${pad ? ' A click puts an image on the pad.' : ''}`),
  html('ul', { class: 'images' }, mistakes.map(card)));
}

// Positive weights in one color, negative ones in another; zero is transparent.
function weightsCanvas(weights, side, unit) {
  const canvas = html('canvas', { width: side, height: side, role: 'img', 'aria-label': `weights of unit ${unit}` });
  const context = canvas.getContext('2d');
  const image = context.createImageData(side, side);
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-30);
  weights.forEach((weight, i) => {
    const color = weight > 0 ? [0, 114, 178] : [213, 94, 0];
    image.data.set([...color, Math.round(255 * Math.abs(weight) / largest)], 4 * i);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

function firstLayerSection({ weights, inputs, side }) {
  const units = Array.from({ length: weights.length / inputs }, (_, unit) => {
    const own = weights.subarray(unit * inputs, (unit + 1) * inputs);
    return { unit, own, norm: Math.sqrt(own.reduce((sum, weight) => sum + weight * weight, 0)) };
  }).sort((a, b) => b.norm - a.norm);
  const shown = units.slice(0, MAX_UNITS);
  const some = shown.length < units.length ? `The ${shown.length} largest of ${asCount(units.length)} units` : 'Each unit';
  return section('first-layer', 'First-layer weights',
    html('p', { class: 'remark' }, `${some}, the longest weight vector first: ink where it is `,
      html('span', { class: 'positive' }, 'blue'), ' excites the unit, where it is ',
      html('span', { class: 'negative' }, 'orange'), ' it inhibits it.'),
    html('ul', { class: 'images weights' }, shown.map(({ unit, own, norm }) =>
      html('li', { title: `unit ${unit}, L2 norm ${asNumber(norm)}` }, weightsCanvas(own, side, unit)))));
}

// `name` is the run's directory, if there is one.
function settingsSection(settings, name) {
  return section('settings', 'Settings',
    name && html('p', {}, html('code', {}, `mnist train --config ${name}/config.toml`), ' gives the same weights again.'),
    html('p', { class: 'remark' }, 'What was chosen other than by default is in bold.'),
    html('dl', { class: 'settings' }, settings.map((setting) =>
      html('div', { class: setting.changed ? 'changed' : null },
        html('dt', {}, setting.name), html('dd', {}, setting.value === '' ? '–' : setting.value)))));
}

function headline({ result, measured }) {
  const figures = [];
  if (measured) {
    const { metrics, calibration } = measured;
    figures.push(
      [asPercent(metrics.accuracy), 'accuracy', `${asCount(metrics.correct)} of ${asCount(metrics.count)} images`],
      [asPercent(metrics.error), 'error', `${asCount(metrics.count - metrics.correct)} mistakes`],
      [asNumber(metrics.loss), 'loss', 'mean over the images'],
      [asPercent(calibration.expected_error), 'calibration error', 'expected, see below']);
  } else if (result) {
    figures.push([asNumber(result.train_loss), 'training loss', 'mean over the last epoch']);
  }
  if (result) figures.push(
    [asCount(result.parameters), 'parameters', null],
    [asSeconds(result.train_seconds), 'training', `${asCount(result.steps)} steps, ${asNumber(result.epochs)} epochs`]);
  return tiles(figures);
}

function runPage(data) {
  const { result, measured, collapse } = data;
  const network = data.network && new Network(data.network);
  const pad = network?.side ? new Pad(network) : null;
  const digits = network?.classes.join('') === '0123456789';
  const sections = [
    pad && section('pad', digits ? 'Draw a digit' : 'Draw an image', pad.element),
    data.curves && curvesSection(data.curves),
    measured && confusionSection(measured.metrics),
    measured && classesSection(measured.metrics),
    measured && calibrationSection(measured.calibration),
    measured && mistakesSection(measured, network.classes, pad),
    pad && network.firstLayer && firstLayerSection(network.firstLayer),
    data.settings.length > 0 && settingsSection(data.settings, data.curves && data.name),
  ].filter(Boolean);
  const remarks = collapse ? html('p', { class: 'warning', role: 'alert' }, collapse.message)
    : [headline(data), html('p', { class: 'remark' }, measured ? `Measured on ${measured.data}.`
      : ['Not measured: the run has neither test data nor rows held out for validation. ',
        html('code', {}, `mnist report ${data.name} --data FILE`), ' measures it on labelled data.'])];
  return [header(data.kind === 'run' ? 'training run' : 'network', data, data.network?.layers ?? '', sections), html('div', { class: 'top' }, remarks), ...sections];
}
