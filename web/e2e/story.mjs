// The dashboard as people use it: refused, signed in, watching an incident heal, deciding, promoting, rolling back.
import { accessible, ask, assert, base, calm, goTo, launch, open, password, picture, signIn, step } from "./browser.mjs";

const browser = await launch();
const dialog = (page) => page.locator("dialog[open]");
const main = (page) => page.locator("main");

try {
  const ana = await open(browser);
  await step("a wrong password is refused, without a word on what was wrong", async () => {
    await signIn(ana, "ana", "password", "wrong horse");
    await ana.getByRole("alert").waitFor();
    const said = await ana.getByRole("alert").innerText();
    await signIn(ana, "nobody", "password", password);
    await ana.getByRole("alert").waitFor();
    assert.equal(await ana.getByRole("alert").innerText(), said);
    await accessible(ana, "sign-in");
  });
  await step("sign-in by password; the session is not for scripts", async () => {
    await signIn(ana, "ana");
    await ana.locator(".headline").waitFor();
    const [cookie] = await ana.context().cookies();
    assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ["vigia_session", true, "Strict"]);
    assert.equal(await ana.evaluate(() => document.cookie), "");
  });
  await step("overview tells the service, its version, people and that all is well", async () => {
    const card = ana.locator('[data-service="risk"]');
    await card.getByText("healthy").waitFor();
    await ana.getByText(/All is well|incident/).first().waitFor();
    await ana.locator("main").getByText(/ana|rui/).first().waitFor();
  });

  await step("by keyboard alone", async () => {
    await goTo(ana, "overview", ".headline");
    await ana.reload();
    await ana.locator(".headline").waitFor();
    await ana.keyboard.press("Tab");
    assert.match(await ana.evaluate(() => document.activeElement?.textContent ?? ""), /Skip/);
    for (let i = 0; i < 6; ++i) {
      await ana.keyboard.press("Tab");
      if ((await ana.evaluate(() => document.activeElement?.getAttribute("href"))) === "#/models") break;
    }
    await ana.keyboard.press("Enter");
    await ana.getByRole("heading", { name: "Models" }).waitFor();
    // A dialog takes the focus, Escape calls it off, and the focus is where it was.
    const button = ana.getByRole("button", { name: "Roll back to v1.0.0" });
    await button.focus();
    await ana.keyboard.press("Enter");
    await dialog(ana).waitFor();
    assert.ok(await ana.evaluate(() => document.activeElement?.closest("dialog") !== null));
    await ana.keyboard.press("Escape");
    await dialog(ana).waitFor({ state: "detached" });
    assert.ok(await button.evaluate((element) => element === document.activeElement));
  });

  await step("drift is sorted by severity, with both histograms", async () => {
    await goTo(ana, "drift", "[data-feature]");
    const statuses = await ana.locator("[data-feature]:not([data-feature=risk_score])").evaluateAll((cards) => cards.map((c) => c.dataset.status));
    const rank = { red: 0, yellow: 1, too_few_rows: 2, green: 3 };
    assert.deepEqual(statuses, [...statuses].sort((a, b) => rank[a] - rank[b]));
    assert.equal(statuses[0], "red");
    const ida = ana.locator('[data-feature="ida"]');
    assert.ok((await ida.locator("rect.base").count()) >= 10 && (await ida.locator("rect.now").count()) >= 10);
    await ana.locator(".uplot canvas").waitFor();
    await picture(ana, "drift");
  });
  await step("a prediction, what was imputed, and why", async () => {
    await goTo(ana, "predict", "form");
    await ana.locator("input[name=ida]").fill("3");
    await ana.locator("input[name=idade]").fill("17");
    await ana.getByRole("button", { name: "Predict" }).click();
    await ana.locator("[data-risk]").waitFor();
    assert.ok(Number(await ana.locator("[data-risk]").getAttribute("data-risk")) > 0.5);
    await main(ana).getByText(/Imputed: fase, ieg/).waitFor();
    await ana.getByRole("row", { name: /^ida 3 / }).waitFor();
    await picture(ana, "predict");
  });
  await step("a silence is made and ended", async () => {
    await goTo(ana, "silences");
    await ana.getByLabel("Labels to match").fill('alertname="flagged-elsewhere"');
    await ana.getByLabel("Why").fill("planned work");
    await ana.getByRole("button", { name: "Silence" }).click();
    await ana.locator("[data-silence]").getByText("planned work").waitFor();
    await ana.locator("[data-silence]").getByRole("button", { name: "Expire" }).click();
    await dialog(ana).getByRole("button", { name: "Expire" }).click();
    await ana.locator("[data-silence]").getByText("expired").waitFor();
  });

  const vera = await open(browser);
  await step("a viewer looks, and is refused what changes", async () => {
    await signIn(vera, "vera");
    await vera.locator(".headline").waitFor();
    assert.equal(await vera.getByRole("button", { name: "Restart" }).count(), 0);
    await goTo(vera, "models", "table");
    assert.equal(await vera.getByRole("button", { name: /Promote|Roll back/ }).count(), 0);
    const tried = await vera.evaluate(async () => {
      const { csrf } = await (await fetch("/api/v1/session")).json();
      const post = (path, headers) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: '{"reason":"x"}' });
      const answers = [await post("/api/v1/models/rollback", { "X-CSRF-Token": csrf }), await post("/api/v1/models/rollback", {})];
      return Promise.all(answers.map(async (a) => [a.status, (await a.json()).error.code]));
    });
    assert.deepEqual(tried, [[403, "FORBIDDEN"], [403, "CSRF"]]);
  });
  await step("sign-in by key; sign-out ends it", async () => {
    const robot = await open(browser);
    await signIn(robot, "", "key", process.env.KEY);
    await robot.locator(".headline").waitFor();
    await robot.locator(".side").getByText("robot").waitFor();
    await robot.getByRole("button", { name: "Sign out" }).click();
    await robot.locator("form input[name=user]").waitFor();
    assert.equal(await robot.evaluate(async () => (await fetch("/api/v1/status")).status), 401);
    calm(robot);
    await robot.context().close();
  });

  const bia = await open(browser);
  await step("an operator rolls back and promotes, and sees the difference first", async () => {
    await signIn(bia, "bia");
    await bia.locator(".headline").waitFor();
    await goTo(bia, "models", "[data-version]");
    await bia.locator('[data-version="v1.1.0"]').getByText("champion").waitFor();
    await picture(bia, "models");
    await bia.getByRole("button", { name: "Roll back to v1.0.0" }).click();
    await dialog(bia).getByText("ROC AUC").waitFor();
    await dialog(bia).getByText("−0.030").first().waitFor();
    await accessible(bia, "confirmation");
    await dialog(bia).getByLabel(/Reason/).fill("the new one flags too many");
    await dialog(bia).getByRole("button", { name: "Roll back" }).click();
    await bia.locator('[data-version="v1.0.0"]').getByText("champion").waitFor();
    await bia.getByText("the new one flags too many").waitFor();
    await bia.getByRole("row", { name: /Actions/ }).getByRole("button", { name: "Promote" }).first().click();
    await dialog(bia).getByText("+0.030").first().waitFor();
    await dialog(bia).getByLabel(/Reason/).fill("it was right after all");
    await dialog(bia).getByRole("button", { name: "Promote" }).click();
    await bia.locator('[data-version="v1.1.0"]').getByText("champion").waitFor();
  });
  await step("a dry run shows the commands", async () => {
    await goTo(bia, "runbooks/service-down", "pre");
    await bia.getByRole("button", { name: "Dry run" }).click();
    await bia.locator("[data-plan]").getByText("vigia service restart risk").waitFor();
    await picture(bia, "runbook");
  });

  await step("by now the overview has points enough for a line", async () => {
    await goTo(ana, "overview", ".headline");
    await ana.locator('[data-service="risk"] svg .line').waitFor();
    await picture(ana, "overview");
  });
  await step("a hung service, from alert to healed, with the ladder moving", async () => {
    await goTo(bia, "overview", ".headline");
    ask("hang");
    await bia.locator(".headline.trouble").waitFor();
    const row = bia.locator("main ul.list a", { hasText: "service-down" });
    await row.waitFor();
    await row.click();
    await bia.locator("[data-run-state]").waitFor();
    const seen = new Set();
    const states = bia.locator("[data-run-state]");
    await bia.waitForFunction(() => document.querySelector('[data-attempt="restart"] li[data-state="running"], [data-attempt="restart"] li[data-state="done"]'));
    seen.add(await states.getAttribute("data-run-state"));
    await bia.locator('[data-attempt="restart"]').getByText("vigia service restart risk").first().waitFor();
    await picture(bia, "incident");
    await bia.locator('[data-incident-state="resolved"]').waitFor({ timeout: 90_000 });
    await bia.locator('[data-run-state="resolved"]').waitFor(); // told by an event of its own
    seen.add(await states.getAttribute("data-run-state"));
    assert.ok(seen.size === 2 && seen.has("resolved"), [...seen].join());
    await bia.locator(".timeline li").nth(5).waitFor();
    assert.equal(await bia.locator('.timeline li[data-kind="resolved"]').count(), 1);
    await bia.getByRole("heading", { name: "Post-mortem" }).waitFor();
    await bia.getByRole("button", { name: "Edit" }).click();
    const text = bia.getByLabel("Text (Markdown)");
    await text.fill(`${await text.inputValue()}\nWritten by hand.`);
    await bia.getByRole("button", { name: "Save" }).click();
    await bia.getByText("Written by hand.").waitFor();
    await accessible(bia, "incident");
    await goTo(bia, "overview", ".headline");
    await bia.locator('[data-service="risk"]').getByText("healthy").waitFor();
  });

  await step("an approval that is denied: nothing is done, and people are called", async () => {
    ask("flag");
    await ana.goto(`${base}/#/overview`);
    const row = ana.locator("main ul.list a", { hasText: "mend" });
    await row.click();
    await ana.locator("[data-approval]").getByRole("button", { name: "Deny" }).click();
    await dialog(ana).getByRole("button", { name: "Deny" }).click();
    assert.ok(await dialog(ana).isVisible()); // not without a reason
    await dialog(ana).getByLabel(/Reason/).fill("not during the exams");
    await dialog(ana).getByRole("button", { name: "Deny" }).click();
    await ana.locator('[data-run-state="escalated"]').waitFor();
    await ana.locator(".timeline").getByText("not during the exams").first().waitFor();
    assert.equal(await ana.locator('[data-attempt="mend"] li[data-state="done"]').count(), 0);
    ask("unflag"); // mended by hand: it is seen, and the incident ends
    await ana.locator('[data-incident-state="resolved"]').waitFor();
  });
  await step("an approval: asked, refused to whom it is not for, given by who is on call", async () => {
    ask("flag");
    const row = bia.locator("main ul.list a", { hasText: "mend" });
    await row.waitFor();
    await row.click();
    await bia.locator("[data-approval]").waitFor();
    await bia.getByRole("button", { name: "Acknowledge" }).click();
    await bia.getByRole("button", { name: "Acknowledge" }).waitFor({ state: "detached" });
    await bia.getByLabel("Note").fill("looking at it");
    await bia.getByRole("button", { name: "Add note" }).click();
    await bia.locator(".timeline").getByText("looking at it").waitFor();
    await accessible(bia, "approval");
    await bia.locator("[data-approval]").getByRole("button", { name: "Approve" }).click();
    await dialog(bia).getByRole("button", { name: "Approve" }).click();
    await bia.getByRole("alert").waitFor();
    await ana.goto(bia.url());
    await ana.locator("[data-approval]").getByRole("button", { name: "Approve" }).click();
    await dialog(ana).getByRole("button", { name: "Approve" }).click();
    await ana.locator('[data-attempt="mend"] li[data-state="done"]').waitFor();
    await bia.locator('[data-incident-state="resolved"]').waitFor(); // she only watched
  });
  await step("what was done is in the audit log, the jobs and the calendar", async () => {
    await goTo(ana, "audit", "table");
    await ana.getByRole("row", { name: /bia.*rolled back/ }).waitFor();
    await goTo(ana, "jobs", "table");
    await ana.getByText("vigia service restart risk --json").first().waitFor();
    await goTo(ana, "oncall", "table");
    await main(ana).getByText("ana").first().waitFor();
  });
  await step("nothing was wrong in any page", async () => [ana, bia, vera].forEach(calm));
} finally {
  await browser.close();
}
