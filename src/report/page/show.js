// Fills the page with `data`, see report/html_page.h.
function show(data, page) {
  page.append(...(data.kind === 'sweep' ? sweepPage(data) : runPage(data)));
}
