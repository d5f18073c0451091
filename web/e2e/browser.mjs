// What the browser tests share: Debian's Chromium, a strict page, and words for steps.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export { assert };
export const { URL: base, PASSWORD: password } = process.env;
const slower = Number(process.env.TIME_FACTOR ?? 1);
export const patience = 30_000 * slower;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const pages = ["overview", "incidents", "models", "drift", "predict", "runbooks", "drills", "oncall", "silences", "jobs", "audit"];

export async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/dashboard-${name}.png` });
}

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

// Fails on script errors, on refusals by the content security policy, and on requests to any other host.
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: "en-GB", colorScheme: "light", ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // The browser reports every refused request; those are asserted where they are wanted.
    if (message.type() === "error" && !/status of (40[0134]|409|412|422|429)/.test(message.text())) wrong.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(base).origin) wrong.push(`request to ${request.url()}`);
  });
  page.wrong = wrong;
  return page;
}

export async function step(name, action) {
  const began = performance.now();
  try {
    const value = await action();
    console.log(`ok   ${name} (${Math.round(performance.now() - began)} ms)`);
    return value;
  } catch (error) {
    console.log(`FAIL ${name}`);
    throw error;
  }
}

// Asks the test that started us.
export const ask = (what) => console.log(`do: ${what}`);

export async function goTo(page, name, ready = "h1") {
  await page.goto(`${base}/#/${name}`);
  const shown = name.split("/")[0] === "incidents" && name.includes("/") ? "incident" : name.split("/")[0];
  await page.locator(`main[data-page="${shown}"]`).waitFor();
  await page.locator(`main ${ready}`).first().waitFor();
}

export async function signIn(page, user, how = "password", secret = password) {
  await page.goto(`${base}/`);
  if (how === "key") {
    await page.getByRole("button", { name: "API key" }).click();
    await page.locator("input[name=key]").fill(secret);
  } else {
    await page.locator("input[name=user]").fill(user);
    await page.locator("input[name=password]").fill(secret);
  }
  await page.locator("form button.primary").click();
}

// Nothing serious or critical. The script goes in by the debugger, past the content security policy.
export async function accessible(page, where) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join("; ")}`), [], where);
}

export async function noSidewaysScroll(page, where) {
  const [wide, culprits] = await page.evaluate(() => {
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over <= 0) return [over, []];
    const past = [...document.querySelectorAll("main *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
    return [over, past.slice(0, 4).map((element) => element.outerHTML.slice(0, 120))];
  });
  assert.ok(wide <= 0, `${where} is ${wide} px too wide: ${culprits.join(" | ")}`);
}

export function calm(page) {
  assert.deepEqual(page.wrong, []);
}
