// A thousand incidents and ten thousand entries of a timeline; without users, so that it is read-only.
import { accessible, assert, base, calm, goTo, launch, open, step } from "./browser.mjs";

const slower = Number(process.env.TIME_FACTOR ?? 1);
const browser = await launch();

// The longest stretch in which the page could not have answered, while `action` runs.
async function longestPause(page, action) {
  await page.evaluate(() => {
    globalThis.pauses = [];
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      globalThis.pauses.push(now - last);
      last = now;
      globalThis.ticking = setTimeout(tick, 0);
    };
    tick();
  });
  await action();
  return page.evaluate(() => {
    clearTimeout(globalThis.ticking);
    return Math.max(...globalThis.pauses);
  });
}

try {
  const page = await open(browser);
  await step("without users it is read-only, and says so", async () => {
    await page.goto(`${base}/`);
    await page.getByText("Read-only").first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Restart" }).count(), 0);
    const refused = await page.evaluate(async () => (await fetch("/api/v1/models/rollback", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"reason":"x"}' })).status);
    assert.equal(refused, 403);
  });
  await step("a thousand incidents, a page at a time", async () => {
    await goTo(page, "incidents", "ul li");
    const rows = page.locator("main ul li");
    assert.equal(await rows.count(), 100);
    const pause = await longestPause(page, async () => {
      for (let shown = 100; shown < 1000; shown += 100) {
        await page.getByRole("button", { name: "Show more" }).click();
        await rows.nth(shown).waitFor({ state: "attached" });
      }
    });
    console.log(`incidents: longest pause ${Math.round(pause)} ms with ${await rows.count()} rows`);
    assert.ok((await rows.count()) >= 1000);
    assert.ok(pause < 300 * slower, `${pause} ms`);
    await page.getByLabel("Search").fill("Drill number 777");
    await page.waitForFunction(() => document.querySelectorAll("main ul li").length === 1);
    await accessible(page, "incidents");
  });
  await step("ten thousand entries, a page at a time", async () => {
    const began = performance.now();
    await goTo(page, `incidents/${process.env.INCIDENT}`, ".timeline li");
    console.log(`timeline: first entries after ${Math.round(performance.now() - began)} ms`);
    const rows = page.locator(".timeline li");
    assert.equal(await rows.count(), 200);
    const pause = await longestPause(page, async () => {
      for (let shown = 200; shown < 2000; shown += 200) {
        await page.getByRole("button", { name: "Show earlier" }).click();
        await rows.nth(shown).waitFor({ state: "attached" });
      }
    });
    console.log(`timeline: longest pause ${Math.round(pause)} ms with ${await rows.count()} rows`);
    assert.ok(pause < 300 * slower, `${pause} ms`);
  });
  calm(page);
} finally {
  await browser.close();
}
