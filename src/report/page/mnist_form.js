// Converts a drawing to the form of MNIST's images: scales the longer side of its bounding box to 20
// of 28 pixels and puts the centre of mass in the middle. Gives the same bytes as
// data/mnist_form.cpp.

const MNIST_SIDE = 28;
const MNIST_BOX = 20;
const FAINT = 12;  // fainter ink does not count for the bounding box

function boxOf(ink, size) {
  const box = { left: size, top: size, right: 0, bottom: 0 };
  for (let y = 0; y < size; ++y) {
    for (let x = 0; x < size; ++x) {
      if (ink[y * size + x] <= FAINT) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  }
  return box.right > 0 ? box : null;
}

// Distributes a pixel over a row of `cells` cells, each `scale` pixels wide, that begin at `start`:
// calls add(cell, part) for each cell that contains a part of the pixel.
function spread(pixel, start, scale, cells, add) {
  for (let c = Math.max(Math.floor((pixel - start) / scale), 0); c < cells; ++c) {
    const begin = start + c * scale;
    if (begin >= pixel + 1) break;
    const part = Math.min(pixel + 1, start + (c + 1) * scale) - Math.max(pixel, begin);
    if (part > 0) add(c, part);
  }
}

// The shift in whole pixels that puts the centre of mass of a row of sums in the middle.
function shiftToMiddle(sums, mass) {
  const moment = sums.reduce((total, sum, i) => total + i * sum, 0);
  return Math.ceil((sums.length - 1) / 2 - moment / mass);
}

// Converts `ink` [size × size], 0 to 255, to an image [side × side]; null if there is no ink.
function toMnistForm(ink, size, side) {
  const box = boxOf(ink, size);
  if (!box) return null;
  const boxSide = Math.max(1, Math.floor((MNIST_BOX * side + MNIST_SIDE / 2) / MNIST_SIDE));
  const scale = Math.max(box.right - box.left, box.bottom - box.top) / boxSide;
  const margin = scale * Math.floor((side - boxSide) / 2);

  const cells = new Float64Array(side * side);
  for (let y = 0; y < size; ++y) {
    const row = new Float64Array(side);
    for (let x = 0; x < size; ++x) {
      const shade = ink[y * size + x];
      if (shade === 0) continue;
      spread(x, box.left - margin, scale, side, (c, part) => { row[c] += part * shade; });
    }
    spread(y, box.top - margin, scale, side, (r, part) => {
      for (let c = 0; c < side; ++c) cells[r * side + c] += part * row[c];
    });
  }

  const columns = new Float64Array(side);
  const rows = new Float64Array(side);
  let mass = 0;
  cells.forEach((sum, i) => {
    cells[i] = Math.floor(sum / (scale * scale) + 0.5);
    columns[i % side] += cells[i];
    rows[Math.floor(i / side)] += cells[i];
    mass += cells[i];
  });
  if (mass === 0) return null;
  const right = shiftToMiddle(columns, mass);
  const down = shiftToMiddle(rows, mass);
  const image = new Uint8Array(side * side);
  cells.forEach((shade, i) => {
    const x = (i % side) + right;
    const y = Math.floor(i / side) + down;
    if (x >= 0 && x < side && y >= 0 && y < side) image[y * side + x] = shade;
  });
  return image;
}
