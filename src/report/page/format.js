// Numbers as text.

const asCount = (n) => n.toLocaleString('en-US');

// A share below 1 is never rounded to 100 %.
function asPercent(share, digits = 2) {
  if (share === null) return '–';
  const text = (100 * share).toFixed(digits);
  return share < 1 && Number(text) === 100 ? `> ${(100 - 10 ** -digits).toFixed(digits)} %` : `${text} %`;
}

// Rounded to this number of significant digits.
function asNumber(value, digits = 3) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) {
    return value.toExponential(digits - 1).replace(/\.?0*e\+?/, 'e');
  }
  return String(Number(value.toPrecision(digits)));
}

function asSeconds(seconds) {
  if (seconds < 120) return `${asNumber(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
