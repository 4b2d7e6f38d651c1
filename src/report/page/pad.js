// A pad to draw on with mouse, finger, pen or keyboard, and the network's prediction for the drawing.

const PAD_SIZE = 280;  // pixels of the drawing, independent of its size on the screen
const PEN_WIDTH = 22;
const KEY_STEP = 10;   // pixels of the drawing that an arrow key moves the pen
const MAX_BARS = 12;   // with more classes, only the most probable ones have a bar

// A canvas with the bytes [channels × height × width] as its pixels: gray, or red, green and blue.
function imageCanvas(pixels, { channels, height, width }, attributes = {}) {
  const canvas = html('canvas', { width, height, ...attributes });
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  const size = height * width;
  for (let i = 0; i < size; ++i) {
    const at = (c) => pixels[channels === 3 ? c * size + i : i];
    image.data.set([at(0), at(1), at(2), 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// The drawing: strokes (arrays of points) and pictures, on top of each other.
class Drawing {
  constructor() {
    this.canvas = html('canvas', { width: PAD_SIZE, height: PAD_SIZE, class: 'ink' });
    this.context = this.canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    Object.assign(this.context, { lineWidth: PEN_WIDTH, lineCap: 'round', lineJoin: 'round',
      strokeStyle: '#fff', imageSmoothingEnabled: false });
    this.marks = [];
  }

  begin(point) {
    this.marks.push([point]);
    this.redraw();
  }

  extend(point) {
    this.marks.at(-1).push(point);
    this.redraw();
  }

  show(picture) {
    this.marks = [picture];
    this.redraw();
  }

  undo() {
    this.marks.pop();
    this.redraw();
  }

  clear() {
    this.marks = [];
    this.redraw();
  }

  redraw() {
    this.context.fillRect(0, 0, PAD_SIZE, PAD_SIZE);
    for (const mark of this.marks) {
      if (!Array.isArray(mark)) {
        this.context.drawImage(mark, 0, 0, PAD_SIZE, PAD_SIZE);
        continue;
      }
      this.context.beginPath();
      this.context.moveTo(...mark[0]);
      for (const point of mark) this.context.lineTo(...point);
      this.context.stroke();
    }
  }

  // The pixels [PAD_SIZE × PAD_SIZE], 0 to 255.
  get ink() {
    const { data } = this.context.getImageData(0, 0, PAD_SIZE, PAD_SIZE);
    return Uint8Array.from({ length: PAD_SIZE * PAD_SIZE }, (_, i) => data[4 * i]);
  }
}

// Bars for the probabilities of the classes.
class Bars {
  constructor(classes) {
    this.classes = classes;
    this.element = html('ol', { class: 'bars', 'aria-label': 'Probabilities' });
    this.show(null);
  }

  show(probabilities) {
    let order = [...this.classes.keys()];
    const value = (c) => (probabilities ? probabilities[c] : 0);
    const best = probabilities ? order.reduce((a, b) => (value(b) > value(a) ? b : a)) : -1;
    if (order.length > MAX_BARS) order = order.sort((a, b) => value(b) - value(a)).slice(0, MAX_BARS);
    this.element.replaceChildren(...order.map((c) => html('li', { class: c === best ? 'best' : null },
      html('span', { class: 'name' }, this.classes[c]),
      html('span', { class: 'bar', role: 'meter', 'aria-label': this.classes[c], 'aria-valuemin': 0,
        'aria-valuemax': 1, 'aria-valuenow': value(c) },
      html('span', { style: `width: ${100 * value(c)}%` })),
      html('span', { class: 'value' }, probabilities ? asPercent(value(c), 1) : ''))));
    return best;
  }
}

class Pad {
  constructor(network) {
    this.network = network;
    this.drawing = new Drawing();
    this.bars = new Bars(network.classes);
    this.guess = html('output', { class: 'guess' });
    this.seen = html('div', { class: 'seen' });
    this.cursor = html('span', { class: 'cursor', 'aria-hidden': 'true' });
    this.pen = { at: [PAD_SIZE / 2, PAD_SIZE / 2], down: false };
    this.board = html('div', {
      class: 'board', tabindex: 0, role: 'application', 'aria-label': 'Drawing pad',
      'aria-describedby': 'pad-help', keydown: (event) => this.onKey(event),
      pointerdown: (event) => this.onPointerDown(event),
      pointermove: (event) => this.onPointerMove(event),
      pointerup: () => this.endStroke(), pointercancel: () => this.endStroke(),
    }, this.drawing.canvas, html('span', { class: 'hint', 'aria-hidden': 'true' }, 'draw here'),
    this.cursor);
    this.element = html('div', { class: 'pad' },
      html('div', {}, this.board, html('p', { class: 'buttons' },
        html('button', { type: 'button', click: () => this.change(() => this.drawing.undo()) }, 'Undo'),
        html('button', { type: 'button', click: () => this.change(() => this.drawing.clear()) }, 'Clear')),
      ),
      html('div', { class: 'answer' },
        html('div', { class: 'verdict' }, this.seen, this.guess), this.bars.element),
      html('p', { class: 'remark', id: 'pad-help' },
        'With the keyboard: ', html('kbd', {}, 'arrow keys'), ' move the pen, ',
        html('kbd', {}, 'Space'), ' puts it down and lifts it, ', html('kbd', {}, 'Backspace'),
        ' undoes, ', html('kbd', {}, 'Delete'), ' clears.'));
    this.change(() => this.drawing.clear());
  }

  // Shows an image and gives it to the network unchanged.
  showImage(pixels) {
    this.drawing.show(imageCanvas(pixels, this.network.square));
    this.pen.down = false;
    this.recognise(pixels);
  }

  change(draw) {
    draw();
    this.recognise(toMnistForm(this.drawing.ink, PAD_SIZE, this.network.side));
  }

  recognise(pixels) {
    const { classes, side, square } = this.network;
    const probabilities = pixels && this.network.predict(pixels);
    const best = this.bars.show(probabilities);
    this.guess.replaceChildren(...(pixels
      ? [html('strong', { class: classes[best].length > 4 ? 'long' : null }, classes[best]), ' ', html('span', {}, asPercent(probabilities[best], 1))] : []));
    this.seen.replaceChildren(
      imageCanvas(pixels ?? new Uint8Array(side * side), square,
        { class: 'ink', role: 'img', 'aria-label': 'The image that the network sees' }),
      html('span', { class: 'remark' }, 'what the network sees'));
    this.board.classList.toggle('empty', this.drawing.marks.length === 0);
    this.placeCursor();
  }

  placeCursor() {
    this.cursor.style.left = `${100 * this.pen.at[0] / PAD_SIZE}%`;
    this.cursor.style.top = `${100 * this.pen.at[1] / PAD_SIZE}%`;
    this.cursor.classList.toggle('down', this.pen.down);
  }

  pointOf(event) {
    const box = this.drawing.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * PAD_SIZE / box.width,
      (event.clientY - box.top) * PAD_SIZE / box.height];
  }

  onPointerDown(event) {
    if (event.button !== 0 || this.pointer !== undefined) return;
    this.pointer = event.pointerId;
    this.board.setPointerCapture(event.pointerId);
    this.pen = { at: this.pointOf(event), down: false };
    this.change(() => this.drawing.begin(this.pen.at));
  }

  onPointerMove(event) {
    if (event.pointerId !== this.pointer) return;
    this.pen.at = this.pointOf(event);
    this.change(() => this.drawing.extend(this.pen.at));
  }

  endStroke() {
    this.pointer = undefined;
  }

  onKey(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const undo = event.key === 'Backspace' || (event.key === 'z' && (event.ctrlKey || event.metaKey));
    if (!moves[event.key] && !undo && ![' ', 'Delete'].includes(event.key)) return;
    event.preventDefault();
    if (moves[event.key]) {
      this.pen.at = this.pen.at.map((x, i) =>
        Math.min(Math.max(x + KEY_STEP * moves[event.key][i], 0), PAD_SIZE));
      if (this.pen.down) this.change(() => this.drawing.extend(this.pen.at));
    } else if (event.key === ' ') {
      this.pen.down = !this.pen.down;
      if (this.pen.down) this.change(() => this.drawing.begin(this.pen.at));
    } else {
      this.pen.down = false;
      this.change(() => (undo ? this.drawing.undo() : this.drawing.clear()));
    }
    this.placeCursor();
  }
}
