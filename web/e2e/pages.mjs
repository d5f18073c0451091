// Every page of a home with something to show, in both languages, light and dark, wide and narrow.
import { accessible, assert, base, calm, goTo, launch, noSidewaysScroll, open, pages, picture, signIn, step } from "./browser.mjs";

const widths = [{ width: 1440, height: 900 }, { width: 768, height: 1024 }, { width: 390, height: 844 }];
const browser = await launch();
const main = (page) => page.locator("main");

try {
  const ana = await open(browser);
  await signIn(ana, "ana");
  await ana.locator(".headline").waitFor();
  await step("each page, in both languages, light and dark, wide and narrow, without a serious finding", async () => {
    for (const name of pages) {
      await goTo(ana, name, name === "overview" ? ".headline" : "h1");
      await main(ana).getByText("Loading…").first().waitFor({ state: "detached" });
      await accessible(ana, name);
      await noSidewaysScroll(ana, name);
    }
    await ana.getByRole("button", { name: "Português" }).click();
    await ana.getByRole("button", { name: "Escuro" }).click();
    assert.equal(await ana.evaluate(() => document.documentElement.lang), "pt-BR");
    await ana.goto(`${base}/#/incidents/INC-999999`);
    await ana.getByRole("alert").getByText("Não encontrado").waitFor();
    for (const [i, name] of pages.entries()) {
      await ana.setViewportSize(widths[i % widths.length]);
      await goTo(ana, name, name === "overview" ? ".headline" : "h1");
      await main(ana).getByText("Carregando…").first().waitFor({ state: "detached" });
      await accessible(ana, `${name} in Portuguese, dark, ${widths[i % widths.length].width} px wide`);
      for (const size of widths) {
        await ana.setViewportSize(size);
        await noSidewaysScroll(ana, `${name}, ${size.width} px`);
      }
    }
    await ana.setViewportSize(widths[2]);
    await goTo(ana, "overview", ".headline");
    await picture(ana, "phone");
    await ana.getByRole("button", { name: "Menu" }).click();
    await ana.locator(".side nav").getByRole("link", { name: "Incidentes" }).click();
    await ana.getByRole("heading", { name: "Incidentes", exact: true }).waitFor();
    await ana.setViewportSize({ width: 1360, height: 900 });
    await ana.getByRole("button", { name: "English" }).click();
    await ana.getByRole("button", { name: "Light" }).click();
  });
  await step("nothing was wrong in any page", async () => calm(ana));
} finally {
  await browser.close();
}
