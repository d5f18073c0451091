// A home in which nothing has happened yet: every page says so, in both languages.
import { accessible, assert, base, calm, goTo, launch, noSidewaysScroll, open, pages, step } from "./browser.mjs";

const browser = await launch();
try {
  const look = async (locale, loading) => {
    const page = await open(browser, { locale });
    for (const name of pages) {
      await step(`${name}, ${locale}`, async () => {
        await goTo(page, name, name === "overview" ? ".headline" : "h1");
        await page.locator("main").getByText(loading).first().waitFor({ state: "detached" });
        const said = await page.locator("main").innerText();
        assert.ok(said.length > 20, said);
        assert.ok(!/undefined|null|NaN|\{\w+\}|\[object/.test(said), said);
        await accessible(page, name);
        await page.setViewportSize({ width: 390, height: 844 });
        await noSidewaysScroll(page, name);
        await page.setViewportSize({ width: 1440, height: 900 });
      });
    }
    await page.goto(`${base}/#/nowhere`);
    await page.locator("main h1").waitFor();
    calm(page);
  };
  await Promise.all([look("en-GB", "Loading…"), look("pt-BR", "Carregando…")]); // a process of the browser each
} finally {
  await browser.close();
}
