// Charts as SVG. A chart is redrawn when its width changes, so that text keeps its size.

const CHART_HEIGHT = 260;
const MARGIN = { left: 68, right: 28, top: 10, bottom: 46 };
const HOVER_REACH = 30;  // pixels

// About `count` round numbers in [min, max].
function linearTicks(min, max, count) {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.75);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// Powers of ten; if these are few, also numbers between them.
function logTicks(min, max, count) {
  const decades = Math.log10(max / min);
  const factors = decades < count / 3 ? [1, 2, 5] : decades < 0.8 * count ? [1, 3] : [1];
  const every = Math.max(Math.ceil(decades / count), 1);
  const ticks = [];
  for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); ++e) {
    if (e % every !== 0) continue;
    ticks.push(...factors.map((factor) => Number(`${factor}e${e}`)));
  }
  return ticks.filter((tick) => tick >= min * 0.999 && tick <= max * 1.001);
}

// An axis over pixels [from, to]. `categories` have the values 0, 1, ..
class Scale {
  constructor({ min, max, log = false, categories = null, format = asNumber }, from, to, spacing) {
    const count = Math.max(Math.floor(Math.abs(to - from) / spacing), 2);
    const place = log ? Math.log : (value) => value;
    if (categories) [min, max] = [-0.5, categories.length - 0.5];
    const [low, high] = [place(min), place(max)];
    this.at = (value) => from + (to - from) * (place(value) - low) / (high - low);
    this.format = categories ? (value) => categories[value] : format;
    if (categories) this.ticks = [...categories.keys()];
    else this.ticks = (log ? logTicks : linearTicks)(min, max, count);
  }
}

// A shortened text; its title (the tooltip) has all of it.
function shortText(text, length) {
  const shown = text.length > length ? `${text.slice(0, length - 1)}…` : text;
  return [shown, svg('title', {}, text)];
}

function drawSeries({ kind, style, points }, x, y, bottom) {
  const at = (point) => `${x.at(point.x).toFixed(1)},${y.at(point.y).toFixed(1)}`;
  if (kind === 'line') {
    return svg('polyline', { class: `line ${style}`, points: points.map(at).join(' ') });
  }
  if (kind === 'bars') {
    return points.map((point) => svg('rect', { class: `column ${style}`, x: x.at(point.low) + 1,
      width: Math.max(x.at(point.high) - x.at(point.low) - 2, 1), y: y.at(point.y),
      height: Math.max(bottom - y.at(point.y), 0) }));
  }
  return points.map((point) => svg('g', { class: `dot ${style}` },
    point.low === undefined ? null : svg('line', { x1: x.at(point.x), x2: x.at(point.x),
      y1: y.at(point.low), y2: y.at(point.high) }),
    kind === 'dashes'
      ? svg('line', { x1: x.at(point.x - 0.3), x2: x.at(point.x + 0.3), y1: y.at(point.y), y2: y.at(point.y) })
      : svg('circle', { cx: x.at(point.x), cy: y.at(point.y), r: point.radius ?? 4 })));
}

// The legend of the series with a name, and `controls` beside it; null if it is not needed.
function legend(series, controls = null) {
  const named = series.filter(({ name, points }) => name && points.length > 0);
  if (named.length < 2 && !controls) return null;
  return html('p', { class: 'legend' }, named.map(({ name, style, kind }) =>
    html('span', {}, html('span', { class: `swatch ${kind} ${style}` }), name)), controls);
}

// The spec has `label`, a description for screen readers; the axes `x` and `y`; and `series`. An axis
// has `label`, `min`, `max`, and optionally `log`, `format` and `categories`. A series has a `name`
// for the legend (null: none), a `style`, a `kind` (line, dots, dashes or bars) and `points` {x, y}; a
// point with a `text` shows it in a tooltip. With `readout` the tooltip describes the whole chart at
// x instead. `legend: false` omits the legend; `controls` are put beside it.
class Chart {
  constructor(spec) {
    this.spec = spec;
    this.tip = html('div', { class: 'tip', hidden: true });
    this.plot = html('div', { class: 'plot', pointermove: (event) => this.onMove(event),
      pointerdown: (event) => this.onMove(event), pointerleave: () => this.leave() });
    this.element = html('div', { class: 'chart' },
      spec.legend === false ? null : legend(spec.series, spec.controls), this.plot, this.tip);
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  update(changes) {
    Object.assign(this.spec, changes);
    this.draw();
  }

  draw() {
    const { spec } = this;
    const width = this.plot.clientWidth;
    const height = spec.height ?? CHART_HEIGHT;
    if (width === 0) return;
    const right = width - MARGIN.right;
    const bottom = height - MARGIN.bottom;
    this.x = new Scale(spec.x, MARGIN.left, right, 80);
    this.y = new Scale(spec.y, bottom, MARGIN.top, 40);
    const { x, y } = this;
    const room = (right - MARGIN.left) / x.ticks.length / 7.5;  // characters
    this.mark = svg('line', { class: 'mark', y1: MARGIN.top, y2: bottom, visibility: 'hidden' });
    const clip = `clip-${Chart.count = (Chart.count ?? 0) + 1}`;
    this.plot.replaceChildren(svg('svg', { width, height, role: 'img', 'aria-label': spec.label },
      svg('clipPath', { id: clip }, svg('rect', { x: MARGIN.left, y: 0, width: right - MARGIN.left + 6, height })),
      y.ticks.map((tick) => [
        svg('line', { class: 'grid', x1: MARGIN.left, x2: right, y1: y.at(tick), y2: y.at(tick) }),
        svg('text', { x: MARGIN.left - 8, y: y.at(tick) + 4, 'text-anchor': 'end' }, y.format(tick))]),
      x.ticks.map((tick) => [
        spec.x.categories ? null
          : svg('line', { class: 'grid', x1: x.at(tick), x2: x.at(tick), y1: MARGIN.top, y2: bottom }),
        svg('text', { x: x.at(tick), y: bottom + 18, 'text-anchor': 'middle' },
          shortText(x.format(tick), Math.max(room, 4)))]),
      svg('line', { class: 'axis', x1: MARGIN.left, x2: right, y1: bottom, y2: bottom }),
      svg('text', { class: 'name', x: (MARGIN.left + right) / 2, y: height - 6, 'text-anchor': 'middle' },
        spec.x.label),
      svg('text', { class: 'name', transform: `translate(14 ${(MARGIN.top + bottom) / 2}) rotate(-90)`,
        'text-anchor': 'middle' }, spec.y.label),
      svg('g', { 'clip-path': `url(#${clip})` },
        spec.series.map((series) => drawSeries(series, x, y, bottom)), this.mark)));
  }

  // The nearest point with a text within reach.
  nearest(left, top) {
    let best = null;
    let reach = HOVER_REACH;
    for (const { kind, points } of this.spec.series) {
      for (const point of points) {
        if (!point.text) continue;
        const distance = kind === 'bars'
          ? (left >= this.x.at(point.low) && left < this.x.at(point.high) ? 0 : Infinity)
          : Math.hypot(this.x.at(point.x) - left, this.y.at(point.y) - top);
        if (distance >= reach) continue;
        best = { left: this.x.at(point.x), text: point.text };
        reach = distance;
      }
    }
    return best;
  }

  onMove(event) {
    const box = this.plot.getBoundingClientRect();
    const left = event.clientX - box.left;
    const found = this.spec.readout ? this.spec.readout((value) => Math.abs(this.x.at(value) - left))
      : this.nearest(left, event.clientY - box.top);
    if (!found) return this.leave();
    const at = found.left ?? this.x.at(found.x);
    if (this.spec.readout) {
      this.mark.setAttribute('x1', at);
      this.mark.setAttribute('x2', at);
      this.mark.setAttribute('visibility', 'visible');
    }
    this.tip.replaceChildren(...found.text.map((line) => html('div', {}, line)));
    this.tip.hidden = false;
    const beside = at > box.width / 2 ? at - this.tip.offsetWidth - 12 : at + 12;
    this.tip.style.left = `${Math.max(beside, 0)}px`;
    this.tip.style.top = `${this.plot.offsetTop + MARGIN.top}px`;
  }

  leave() {
    this.tip.hidden = true;
    this.mark?.setAttribute('visibility', 'hidden');
  }
}
