// Creates elements. Text always stays text, so that data cannot inject HTML.

function makeElement(namespace, tag, attributes, children) {
  const element = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null));
  return element;
}

// `attributes` by name. A function becomes a listener for the event of that name; null is skipped.
function html(tag, attributes = {}, ...children) {
  return makeElement('http://www.w3.org/1999/xhtml', tag, attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return makeElement('http://www.w3.org/2000/svg', tag, attributes, children);
}

// A section of the page with a heading; links lead to `id`.
function section(id, title, ...children) {
  return html('section', { id, 'aria-labelledby': `${id}-title` },
    html('h2', { id: `${id}-title` }, title), children);
}

// Tiles with a large value above its name: [value, name, remark].
function tiles(figures) {
  return html('dl', { class: 'tiles' }, figures.map(([value, name, remark]) =>
    html('div', {}, html('dt', {}, name), html('dd', { class: 'figure' }, value),
      remark ? html('dd', {}, remark) : null)));
}

// A table that scrolls sideways in a narrow window. `head` and `rows` contain the cells.
function table(caption, head, rows, kind = '') {
  return html('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': caption },
    html('table', { class: kind },
      html('caption', {}, html('span', {}, caption)),
      html('thead', {}, html('tr', {}, head)),
      html('tbody', {}, rows.map((cells) => html('tr', {}, cells)))));
}

function header(kind, data, remark, sections) {
  document.title = `${data.name} · mnist report`;
  return html('header', {},
    html('p', { class: 'kind' }, `mnist report · ${kind}`),
    html('h1', {}, data.name),
    html('p', { class: 'remark' }, remark),
    html('nav', { 'aria-label': 'Sections' }, sections.map((part) =>
      html('a', { href: `#${part.id}` }, part.querySelector('h2').textContent))));
}
