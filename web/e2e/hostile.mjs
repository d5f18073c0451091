// Text that is not ours: markup in titles, labels, notes and comments, very long names; and a session that ends.
import { accessible, ask, assert, base, calm, goTo, launch, noSidewaysScroll, open, signIn, step } from "./browser.mjs";

const browser = await launch();
const markup = '<img src="/x" onerror="globalThis.hacked = 1"><script>globalThis.hacked = 1</script>';
const harmless = async (page, where) => {
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined, where);
  assert.equal(await page.locator('main img, main script').count(), 0, where);
  for (const width of [1440, 768, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await noSidewaysScroll(page, `${where}, ${width} px`);
  }
};

try {
  const ana = await open(browser);
  await step("markup is shown as text, and long names fit", async () => {
    await signIn(ana, "ana");
    await ana.locator(".headline").waitFor();
    ask("alert");
    const row = ana.locator("main ul.list a", { hasText: "onerror" });
    await row.waitFor();
    await harmless(ana, "overview");
    await row.click();
    await ana.locator("[data-incident-state]").waitFor();
    await ana.getByLabel("Note").fill(`${markup} ${"w".repeat(500)}`);
    await ana.getByRole("button", { name: "Add note" }).click();
    await ana.locator(".timeline").getByText("onerror").first().waitFor();
    await accessible(ana, "incident with markup");
    await harmless(ana, "incident");
    await goTo(ana, "silences");
    await ana.getByLabel("Labels to match").fill(`alertname="${"long".repeat(60)}"`);
    await ana.getByLabel("Why").fill(markup);
    await ana.getByRole("button", { name: "Silence" }).click();
    await ana.locator("[data-silence]").getByText("onerror").waitFor();
    await harmless(ana, "silences");
    await goTo(ana, "incidents", "ul li");
    await harmless(ana, "incidents");
    await goTo(ana, "runbooks");
    await ana.getByText("onerror").first().waitFor();
    await harmless(ana, "runbooks");
    await goTo(ana, "audit", "table");
    await harmless(ana, "audit");
    await ana.goto(`${base}/#/%E0%A4%A`); // not an encoding of anything
    await ana.getByRole("heading").first().waitFor();
    await ana.goto(`${base}/#/incidents/%E0%A4%A`);
    await ana.getByRole("alert").waitFor();
  });
  await step("a session that has ended ends the events, and asks to sign in", async () => {
    await goTo(ana, "incidents", "ul li"); // asks for nothing by itself: only events come
    await ana.locator("form input[name=user]").waitFor();
    assert.equal(await ana.evaluate(async () => (await fetch("/api/v1/status")).status), 401);
    await signIn(ana, "ana");
    await ana.locator(".headline, ul li").first().waitFor();
  });
  calm(ana);
} finally {
  await browser.close();
}
