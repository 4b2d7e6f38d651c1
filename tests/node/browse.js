// Opens a page in a headless browser, does to it what PLAN says, and prints what came of it as JSON.
// Usage: node browse.js PAGE PLAN, or --check: whether the browser is there.
// PLAN is a JSON file: {width, height, dark, touch, actions: [..]}; an action is one of
//   {draw: [[[x, y], ..], ..]}  strokes on the pad, in parts of its width, by mouse or finger
//   {press: [key, ..]}          keys, while the pad has the focus
//   {click: selector}  {hover: selector}  {check: selector}
//   {save: file}                the pad's drawing as a PNG file
//   {picture: file}             the whole page as a PNG file
//   {texts: selector}           the text of each such element
//   {style: [selector, property]}
// The result of an action is what it asks for, else the probabilities that the page shows.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

async function drawStrokes(page, strokes, touch) {
  const board = page.locator(".board");
  await board.scrollIntoViewIfNeeded();
  const box = await board.locator("canvas").boundingBox();
  const place = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  const client = touch ? await page.context().newCDPSession(page) : null;
  const finger = (type, points) => client.send("Input.dispatchTouchEvent",
    { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  for (const [first, ...others] of strokes.map((stroke) => stroke.map(place))) {
    if (touch) {
      await finger("touchStart", [first]);
      for (const point of others) await finger("touchMove", [point]);
      await finger("touchEnd", []);
    } else {
      await page.mouse.move(...first);
      await page.mouse.down();
      for (const point of others) await page.mouse.move(...point);
      await page.mouse.up();
    }
  }
}

const probabilities = (page) => page.locator(".bars [role=meter]").evaluateAll((bars) =>
  Object.fromEntries(bars.map((bar) =>
    [bar.getAttribute("aria-label"), Number(bar.getAttribute("aria-valuenow"))])));

async function act(page, action, touch) {
  if (action.texts) return page.locator(action.texts).allTextContents();
  if (action.style) {
    return page.locator(action.style[0]).first().evaluate(
      (element, property) => getComputedStyle(element)[property], action.style[1]);
  }
  if (action.draw) await drawStrokes(page, action.draw, touch);
  if (action.press) {
    await page.locator(".board").focus();
    for (const key of action.press) await page.keyboard.press(key);
  }
  if (action.click) await page.locator(action.click).first().click();
  if (action.check) await page.locator(action.check).first().check();
  if (action.hover) await page.locator(action.hover).first().hover();
  if (action.save) {
    const url = await page.locator(".board canvas").evaluate((canvas) => canvas.toDataURL("image/png"));
    writeFileSync(action.save, Buffer.from(url.split(",")[1], "base64"));
  }
  if (action.picture) await page.screenshot({ path: action.picture, fullPage: true });
  return probabilities(page);
}

async function browse(file, plan) {
  const profile = mkdtempSync(join(tmpdir(), "browse-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath, args, headless: true,
    viewport: { width: plan.width ?? 1100, height: plan.height ?? 800 },
    colorScheme: plan.dark ? "dark" : "light", hasTouch: plan.touch ?? false, timeout: 0,
  });
  context.setDefaultTimeout(0);  // a busy machine takes its time
  try {
    const page = await context.newPage();
    const address = pathToFileURL(resolve(file)).href;
    const result = { problems: [], requests: [], actions: [] };
    page.on("console", (message) => result.problems.push(message.text()));
    page.on("pageerror", (error) => result.problems.push(String(error)));
    page.on("request", (request) => {
      if (request.url() !== address && !request.url().startsWith("data:")) result.requests.push(request.url());
    });
    await page.goto(address);
    for (const action of plan.actions) result.actions.push(await act(page, action, plan.touch));
    result.title = await page.title();
    result.headings = await page.locator("h2").allTextContents();
    result.overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    return result;
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const [file, plan] = process.argv.slice(2);
if (file === "--check") {
  process.exit(existsSync(executablePath) ? 0 : 1);
}
console.log(JSON.stringify(await browse(file, JSON.parse(readFileSync(plan)))));
