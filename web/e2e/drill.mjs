// A drill, started in the browser and watched from alert to healed: a real fault in a home of its own.
import { accessible, assert, base, calm, goTo, launch, noSidewaysScroll, open, picture, signIn, step } from "./browser.mjs";

const long = 150_000 * Number(process.env.TIME_FACTOR ?? 1);
const browser = await launch();
const dialog = (page) => page.locator("dialog[open]");
const post = (page, path) =>
  page.evaluate(async (at) => {
    const { csrf } = await (await fetch("/api/v1/session")).json();
    const answer = await fetch(at, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: "{}" });
    return [answer.status, (await answer.json()).error?.code];
  }, path);

try {
  const vera = await open(browser);
  await step("a viewer may watch drills, and start none", async () => {
    await signIn(vera, "vera");
    await vera.locator(".headline").waitFor();
    await goTo(vera, "drills", "[data-drill]");
    assert.equal(await vera.getByRole("button", { name: /Run drill/ }).count(), 0);
    assert.deepEqual(await post(vera, "/api/v1/drills/hang/run"), [403, "FORBIDDEN"]);
  });

  const bia = await open(browser);
  await step("an operator starts one behind a confirmation", async () => {
    await signIn(bia, "bia");
    await bia.locator(".headline").waitFor();
    await goTo(bia, "drills", "[data-drill]");
    assert.ok((await bia.locator("[data-drill]").count()) >= 17);
    await bia.getByRole("button", { name: "Run drill hang" }).click();
    await dialog(bia).getByRole("button", { name: "Cancel" }).click();
    await bia.getByRole("button", { name: "Run drill hang" }).click();
    await dialog(bia).getByRole("button", { name: "Run drill" }).click();
    await bia.locator('[data-drill-state="running"]').waitFor();
    await bia.locator("[data-progress]").waitFor();
    assert.deepEqual(await post(bia, "/api/v1/drills/kill/run"), [409, "FAILED_PRECONDITION"]);
    assert.deepEqual(await post(bia, "/api/v1/drills/weather/run"), [404, "NOT_FOUND"]);
  });
  await step("its progress is among the jobs, for whoever looks", async () => {
    await goTo(vera, "jobs", "table");
    const row = vera.getByRole("row", { name: /vigia drill run hang/ });
    await row.locator("[data-progress]").waitFor();
    await row.getByRole("link", { name: "Drill" }).click();
    await vera.locator('[data-drill-state="running"]').waitFor();
    assert.equal(await vera.getByRole("button", { name: "Stop the drill" }).count(), 0);
  });
  await step("the ladder moves until it is healed, and is proved", async () => {
    await bia.evaluate(() => {
      globalThis.states = [];
      globalThis.steps = [];
      new MutationObserver(() => {
        const run = document.querySelector("[data-run-state]")?.dataset.runState;
        if (run && globalThis.states.at(-1) !== run) globalThis.states.push(run);
        for (const one of document.querySelectorAll("[data-attempt] li")) {
          const said = `${one.closest("[data-attempt]").dataset.attempt} ${one.dataset.state}`;
          if (!globalThis.steps.includes(said)) globalThis.steps.push(said);
        }
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await bia.locator("[data-run-state]").waitFor({ timeout: long });
    await bia.locator('[data-drill-state]:not([data-drill-state="running"])').waitFor({ timeout: long });
    assert.ok(await bia.locator('[data-drill-state="passed"]').isVisible(), await bia.locator("main").innerText());
    await bia.locator('[data-attempt="restart"]').getByText("vigia service restart risk").first().waitFor();
    const [states, steps] = await bia.evaluate(() => [globalThis.states, globalThis.steps]);
    console.log(`ladder: ${states.join(" > ")}; ${steps.join(", ")}`);
    assert.ok(states.length >= 2 && states.at(-1) === "resolved", states.join());
    assert.ok(steps.includes("restart done"), steps.join());
    await bia.getByText("healed unattended").waitFor();
    await bia.getByRole("heading", { name: "Post-mortem" }).waitFor();
    await bia.locator('.timeline li[data-kind="resolved"]').waitFor();
    await accessible(bia, "drill");
    await picture(bia, "drill");
    await bia.setViewportSize({ width: 390, height: 844 });
    await noSidewaysScroll(bia, "drill, 390 px");
    await bia.setViewportSize({ width: 1360, height: 900 });
  });
  await step("the list remembers it; another one is stopped", async () => {
    await goTo(bia, "drills", "[data-drill]");
    await bia.locator('[data-drill="hang"]').getByText("passed").waitFor();
    await bia.getByRole("button", { name: "Run drill kill" }).click();
    await dialog(bia).getByRole("button", { name: "Run drill" }).click();
    await bia.getByRole("button", { name: "Stop the drill" }).click();
    await dialog(bia).getByRole("button", { name: "Stop the drill" }).click();
    await bia.locator('[data-drill-state="stopped"]').waitFor({ timeout: long });
    await bia.getByText("stopped by bia").waitFor();
    await bia.goto(`${base}/#/drills/DRILL-000999`);
    await bia.getByRole("alert").waitFor();
  });
  await step("nothing was wrong in any page", async () => [bia, vera].forEach(calm));
} finally {
  await browser.close();
}
