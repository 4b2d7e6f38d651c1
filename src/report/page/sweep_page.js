// The page of a sweep, from the data of commands/sweep_report.h.

const isNumber = (text) => text !== '' && Number.isFinite(Number(text));

const METRICS = {
  validation_accuracy: { name: 'validation accuracy', axis: 'validation accuracy (%)', factor: 100, larger: true,
    text: (value) => asPercent(value) },
  validation_loss: { name: 'validation loss', axis: 'validation loss (mean)', factor: 1, larger: false,
    text: (value) => asNumber(value, 4) },
};

const capitalized = (text) => text[0].toUpperCase() + text.slice(1);

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// The range of the metric to draw: from the best trial to four times the distance between the best
// and the median. Worse trials are drawn at its edge.
function worthyRange(values, larger) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [best, worst] = larger ? [high, low] : [low, high];
  const spread = Math.abs(best - median(values)) || Math.abs(best - worst) || Math.abs(best) / 10 || 1;
  const edge = larger ? Math.max(worst, best - 4 * spread) : Math.min(worst, best + 4 * spread);
  const margin = 0.08 * (Math.abs(best - edge) || spread);
  return larger ? { min: edge - margin, max: best + margin } : { min: best - margin, max: edge + margin };
}

// A chart of the metric against one parameter.
function parameterChart({ name, log, values }, trials, metric, range) {
  const texts = [...new Set(trials.map((trial) => trial.parameters[name]))];
  const numeric = texts.every(isNumber);
  const ranged = values.length === 0 && numeric;
  const rank = (text) => (numeric ? Number(text) : values.indexOf(text));
  const categories = ranged ? null : texts.sort((a, b) => rank(a) - rank(b));
  const place = (trial, i) => (ranged ? Number(trial.parameters[name])
    : categories.indexOf(trial.parameters[name]) + 0.3 * ((i * 0.618) % 1 - 0.5));
  const clamp = (value) => Math.min(Math.max(value, range.min), range.max);
  const dot = (trial, i) => {
    const value = metric.factor * trial.value;
    const spread = metric.factor * (trial.deviation ?? 0);
    return { x: place(trial, i), y: clamp(value), low: clamp(value - spread), high: clamp(value + spread),
      text: [`${name} ${trial.parameters[name]}`, `${metric.name} ${metric.text(trial.value)}`, `trial ${trial.id}`] };
  };
  const of = (test) => trials.map((trial, i) => [trial, i]).filter(([trial]) => test(trial)).map((pair) => dot(...pair));
  const inside = (trial) => clamp(metric.factor * trial.value) === metric.factor * trial.value;
  const medians = (categories ?? []).flatMap((text, x) => {
    const own = trials.filter((trial) => trial.parameters[name] === text && trial.status === 'complete');
    return own.length > 0 ? [{ x, y: clamp(metric.factor * median(own.map(({ value }) => value))) }] : [];
  });
  const numbers = texts.map(Number);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const margin = log ? (high / low) ** 0.03 : 0.03 * (high - low || 1);
  const series = [
    { name: 'trained in full', kind: 'dots', style: 'first', points: of((trial) => inside(trial) && trial !== trials[0] && trial.status === 'complete') },
    { name: 'given up early', kind: 'dots', style: 'open', points: of((trial) => inside(trial) && trial !== trials[0] && trial.status !== 'complete') },
    { name: 'worse than shown', kind: 'dots', style: 'faint', points: of((trial) => !inside(trial)) },
    { name: 'median of those trained in full', kind: 'dashes', style: 'mean', points: medians },
    { name: 'best', kind: 'dots', style: 'second', points: of((trial) => trial === trials[0]).map((point) => ({ ...point, radius: 6 })) },
  ];
  const chart = new Chart({
    label: `${metric.name} by ${name}; best at ${trials[0].parameters[name]}`,
    x: { label: name, categories, log: log && ranged && low < high,
      min: log && low < high ? low / margin : low - margin, max: log && low < high ? high * margin : high + margin },
    y: { label: metric.axis, ...range },
    series,
    legend: false,
  });
  return { series, element: html('figure', {}, html('figcaption', {}, name), chart.element) };
}

// One legend for all charts, with the series that any of them shows.
function legendOfAll(charts) {
  return legend(charts[0].series.map((one, i) => ({ ...one,
    points: charts.flatMap(({ series }) => series[i].points) })));
}

function trialsSection(trials, space, metric, seeds) {
  const head = ['#', 'Trial', capitalized(metric.name), seeds > 1 ? 'Deviation' : null, ...space.map(({ name }) => name), 'Steps',
    'Seconds', 'Status'].filter((name) => name !== null);
  const row = (trial, i) => [
    html('td', {}, trial.value === null ? '–' : i + 1), html('td', { title: trial.run }, html('code', {}, trial.id)),
    html('td', { class: 'value' }, trial.value === null ? '–' : metric.text(trial.value)),
    seeds > 1 ? html('td', {}, trial.deviation === null ? '–' : metric.text(trial.deviation)) : null,
    space.map(({ name }) => html('td', {}, trial.parameters[name])),
    html('td', {}, asCount(trial.steps)), html('td', {}, trial.seconds.toFixed(1)), html('td', {}, trial.status)];
  return section('trials', 'Trials',
    table('The best first', head.map((name) => html('th', { scope: 'col' }, name)), trials.map(row), 'trials'));
}

function sweepPage(data) {
  const metric = METRICS[data.metric];
  const trials = data.best.map((trial) => ({ ...trial, value: trial[data.metric] }));
  const scored = trials.filter(({ value }) => value !== null);
  const best = scored[0];
  const ends = [
    trials.length < data.trials ? `of ${asCount(data.trials)}` : '',
    data.stopped > 0 ? `${asCount(data.stopped)} given up early` : '',
    data.collapsed > 0 ? `${asCount(data.collapsed)} collapsed` : ''];
  const figures = [
    [asCount(trials.length), 'trials', ends.filter(Boolean).join(', ')],
    [asCount(data.steps), 'steps', `${data.seeds} ${data.seeds > 1 ? 'runs' : 'run'} of each trial`],
    [asSeconds(data.seconds), 'of training', null],
  ];
  const range = best && worthyRange(scored.map(({ value }) => metric.factor * value), metric.larger);
  const charts = best ? data.space.map((parameter) => parameterChart(parameter, scored, metric, range)) : [];
  const sections = [
    best && section('parameters', `${capitalized(metric.name)} by parameter`,
      html('p', { class: 'remark' }, 'A dot is a trial',
        data.seeds > 1 ? ', the mean of its runs with their standard deviation.' : '.'),
      legendOfAll(charts), html('div', { class: 'charts' }, charts.map(({ element }) => element))),
    trials.length > 0 && trialsSection(trials, data.space, metric, data.seeds),
  ].filter(Boolean);
  const top = best
    ? [tiles([[metric.text(best.value), `best ${metric.name}`, `trial ${best.id}`], ...figures]),
      html('p', {}, html('code', {}, `mnist train --config ${data.name}/best.toml`), ' trains the best: ',
        Object.entries(best.parameters).map(([name, value]) => `${name} ${value}`).join(', '), '.')]
    : [tiles(figures), html('p', { class: 'warning' }, 'No trial has come to a result yet.')];
  return [header('sweep', data, '', sections), html('div', { class: 'top' }, top), ...sections];
}
