// What others do appears by itself: two browsers on one mission, a cut line, two tabs with one stream; talk, evidence, findings.
import type { Page } from "@playwright/test";
import { type Api, type Json, accessible, expect, fits, settled, test } from "./fixtures/test.ts";

const RITA = "rita@example.test";
const BEA = "bea@example.test";

/** A mission in progress with Rita on red's side and Bea on blue's. */
async function exercise(admin: Api): Promise<{ mission: Json; tests: Json[]; rita: Api; bea: Api }> {
  const { scenario } = await admin.library();
  const [rita, bea] = [await admin.member("Rita", "Red team"), await admin.member("Bea", "Blue team")];
  const members = [
    { user_id: rita.me.id, role_hint: "red" },
    { user_id: bea.me.id, role_hint: "blue" },
    { user_id: admin.me.id, role_hint: "purple" },
  ];
  const mission = await admin.mission("Quiet Ledger", "ACME", { scenario_template_ids: [scenario.id], members });
  await admin.move(mission, "in_progress");
  const whole = await admin.get(`/missions/${mission.id}`);
  return { mission: whole, tests: whole.scenarios[0].tests, rita, bea };
}

const path = (mission: Json, testOf?: Json) => `/missions/${mission.id}/tests${testOf ? `/${testOf.id}` : ""}`;

/** The next step of a test, as a script does it. */
async function move(api: Api, mission: Json, one: Json, to: string): Promise<void> {
  await api.post(`${path(mission, one)}/state`, { to });
}

const live = (page: Page) => page.locator(".topbar .live[data-mark=live]");
const row = (page: Page, name: string) => page.getByRole("navigation", { name: "Tests" }).getByRole("link", { name: new RegExp(name) });

test("what red does appears at blue within a second, without a reload", async ({ admin, browserOf }) => {
  const { mission, tests, rita } = await exercise(admin);
  const blue = await browserOf(BEA);
  await blue.goto(`/missions/${mission.id}?test=${tests[1].id}`);
  await settled(blue, "Quiet Ledger");
  await expect(live(blue)).toBeVisible();
  await expect(row(blue, "Dump LSASS")).toHaveAttribute("data-state", "planned");

  await move(rita, mission, tests[1], "running");
  await expect(row(blue, "Dump LSASS")).toHaveAttribute("data-state", "running", { timeout: 1_000 });
  await move(rita, mission, tests[1], "executed");
  await expect(row(blue, "Dump LSASS")).toHaveAttribute("data-state", "executed", { timeout: 1_000 });
  await expect(blue.getByRole("list", { name: "State" }).locator("[aria-current=step]")).toHaveText("Executed");
});

test("a cut line is told, and all is there again after it", async ({ admin, browserOf }) => {
  const { mission, tests, rita } = await exercise(admin);
  const blue = await browserOf(BEA);
  await blue.goto(`/missions/${mission.id}/activity`);
  await settled(blue, "Quiet Ledger");
  await expect(live(blue)).toBeVisible();

  await blue.context().setOffline(true);
  await expect(blue.locator(".topbar .live")).toContainText("Offline");
  await move(rita, mission, tests[0], "running");
  await move(rita, mission, tests[0], "executed");
  await blue.context().setOffline(false);
  await expect(live(blue)).toBeVisible();
  const log = blue.getByRole("list", { name: "What happened" });
  await expect(log.getByText("Rita ended Encoded PowerShell")).toBeVisible();
  await expect(log.getByText("Rita started Encoded PowerShell")).toHaveCount(1);
});

test("all tabs of a browser share one stream, and another one reads it when the first is closed", async ({ admin, app }) => {
  const { mission, tests, rita } = await exercise(admin);
  let streams = 0;
  app.context().on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/v1/stream") streams += 1;
  });
  const tabs = [app, await app.context().newPage(), await app.context().newPage()];
  for (const tab of tabs) {
    await tab.goto(`/missions/${mission.id}`);
    await settled(tab, "Quiet Ledger");
    await expect(live(tab)).toBeVisible();
  }
  expect(streams).toBe(1);
  await move(rita, mission, tests[2], "running");
  for (const tab of tabs) await expect(row(tab, "Remote desktop")).toHaveAttribute("data-state", "running", { timeout: 5_000 });

  await tabs[0]!.close();
  await expect.poll(() => streams).toBe(2);
  await move(rita, mission, tests[2], "executed");
  for (const tab of tabs.slice(1)) await expect(row(tab, "Remote desktop")).toHaveAttribute("data-state", "executed");
  expect(streams).toBe(2);
});

test("who is there is shown, and who has left is not", async ({ admin, app, browserOf }) => {
  const { mission, tests } = await exercise(admin);
  await app.goto(`/missions/${mission.id}?test=${tests[0].id}`);
  await settled(app, "Quiet Ledger");
  const here = app.getByRole("group", { name: "Here now" });
  await expect(here.getByRole("img")).toHaveCount(0);
  const blue = await browserOf(BEA);
  await blue.goto(`/missions/${mission.id}?test=${tests[0].id}`);
  await settled(blue, "Quiet Ledger");
  await expect(here.getByRole("img", { name: "Bea, blue" })).toBeVisible();
  await expect(blue.getByRole("group", { name: "Here now" }).getByRole("img", { name: "Ada Admin, purple" })).toBeVisible();
  await blue.goto("/missions");
  await expect(here.getByRole("img")).toHaveCount(0);
});

test("a mention is completed, sent by keys, shown live and counted at the bell", async ({ admin, app, browserOf }) => {
  const { mission, tests, bea } = await exercise(admin);
  // that she is in it, and that it started, she has read
  await bea.post("/notifications/read", { all: true });
  const blue = await browserOf(BEA);
  await blue.goto("/");
  await settled(blue, "Home");
  await expect(blue.getByRole("button", { name: "Notifications", exact: true })).toBeVisible();

  await app.goto(`/missions/${mission.id}?test=${tests[0].id}`);
  await settled(app, "Quiet Ledger");
  const field = app.getByRole("textbox", { name: "Comment on this test" });
  await field.fill("Unsent");
  await app.reload();
  await expect(field).toHaveValue("Unsent");
  await field.fill("");
  await field.pressSequentially("Look, @be");
  await app.locator(".menu__item[role=option]", { hasText: "Bea" }).waitFor();
  await field.press("Enter");
  await expect(field).toHaveValue("Look, @Bea ");
  await field.pressSequentially("**is** this yours?");
  await field.press("Control+Enter");
  const talk = app.getByRole("list", { name: /What was said/ });
  await expect(talk.locator(".mention")).toHaveText("@Bea");
  await expect(field).toHaveValue("");

  const bell = blue.getByRole("button", { name: "Notifications, 1 unread" });
  await expect(bell).toBeVisible();
  await bell.click();
  const list = blue.getByRole("dialog", { name: "Notifications" });
  await accessible(blue, "the bell's list");
  await list.locator("a[data-unread]", { hasText: "Ada Admin" }).click();
  await expect(blue).toHaveURL(new RegExp(`/missions/${mission.id}\\?test=${tests[0].id}`));
  await expect(blue.getByRole("button", { name: "Notifications", exact: true })).toBeVisible();
  await expect(blue.getByRole("list", { name: /What was said/ }).locator(".mention")).toHaveText("@Bea");

  // one's own can be edited and taken back
  await app.getByRole("button", { name: "Edit your comment" }).click();
  const own = app.getByRole("textbox", { name: "Your comment" });
  await own.fill("Never mind");
  await own.press("Control+Enter");
  await expect(blue.getByRole("list", { name: /What was said/ })).toContainText("Never mind");
  await expect(blue.getByRole("button", { name: "Edit your comment" })).toHaveCount(0);
  await app.getByRole("button", { name: "Delete the comment" }).click();
  await app.getByRole("alertdialog").getByRole("button", { name: "Delete comment" }).click();
  await expect(blue.getByText("Nobody has said anything yet.")).toBeVisible();
});

test("Markdown of others runs nothing and loads nothing", async ({ admin, app }) => {
  const { mission, tests } = await exercise(admin);
  const body = [
    "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>",
    "![a picture](https://evil.example/a.png) [a link](javascript:window.ran=3)",
    "<iframe src='https://evil.example/'></iframe> <style>body { background: url(https://evil.example/b.png) }</style>",
  ].join("\n\n");
  await admin.post(`/missions/${mission.id}/comments`, { mission_test_id: tests[0].id, body });
  const foreign: string[] = [];
  app.on("request", (request) => {
    if (!request.url().startsWith(new URL(app.url()).origin) && !request.url().startsWith("blob:") && app.url() !== "about:blank") foreign.push(request.url());
  });
  await app.goto(`/missions/${mission.id}?test=${tests[0].id}`);
  await settled(app, "Quiet Ledger");
  const talk = app.getByRole("list", { name: /What was said/ });
  await expect(talk).toContainText("<script>");
  await talk.getByText("a link").click();
  expect(await talk.locator("img:not(.avatar), script, iframe, style").count()).toBe(0);
  expect(await app.evaluate(() => (window as any).ran)).toBeUndefined();
  expect(foreign).toEqual([]);
});

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** A file in the hands of the page, dropped or pasted. */
async function give(page: Page, selector: string, kind: "drop" | "paste", name: string, type: string, base64: string): Promise<void> {
  await page.evaluate(
    ([selector, kind, name, type, base64]) => {
      const bytes = Uint8Array.from(atob(base64!), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name!, { type: type! }));
      const target = document.querySelector(selector!)!;
      const event = kind === "drop" ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }) : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      target.dispatchEvent(event);
    },
    [selector, kind, name, type, base64],
  );
}

test("evidence is dropped, pasted, shown, downloaded and deleted", async ({ admin, browserOf }) => {
  const { mission, tests, rita } = await exercise(admin);
  await move(rita, mission, tests[0], "running");
  const red = await browserOf(RITA);
  const blue = await browserOf(BEA);
  for (const page of [red, blue]) {
    await page.goto(`/missions/${mission.id}?test=${tests[0].id}`);
    await settled(page, "Quiet Ledger");
  }
  const mine = red.getByRole("group", { name: "Red’s evidence" });
  await expect(red.getByRole("group", { name: "Blue’s evidence" }).getByRole("button", { name: /Drop/ })).toHaveCount(0);

  await give(red, ".evis__half[data-side=red]", "drop", "proof <b>.txt", "text/plain", Buffer.from("uid=0(root)\n<script>window.ran = 1</script>").toString("base64"));
  await mine.getByLabel(/Caption of proof/).fill("The shell is root");
  await mine.getByRole("button", { name: "Add", exact: true }).click();
  await expect(mine.getByRole("button", { name: /proof <b>\.txt/ })).toBeVisible();

  await give(red, "body", "paste", "image.png", "image/png", PNG);
  await mine.getByLabel(/Caption of screenshot/).press("Enter");
  await expect(mine.getByRole("button", { name: /screenshot .*\.png/ })).toBeVisible();
  await expect(mine.getByRole("button", { name: /screenshot/ }).locator("img")).toHaveAttribute("src", /^blob:/);

  // blue sees both without a reload
  const theirs = blue.getByRole("group", { name: "Red’s evidence" });
  await expect(theirs.getByRole("button", { name: /screenshot/ })).toBeVisible();
  await theirs.getByRole("button", { name: /proof/ }).click();
  const shown = blue.getByRole("dialog");
  await expect(shown.locator("pre")).toContainText("<script>");
  await expect(shown.getByText("The shell is root")).toBeVisible();
  await expect(shown.getByRole("button", { name: "Delete" })).toHaveCount(0);
  await accessible(blue, "a piece of evidence");
  const [download] = await Promise.all([blue.waitForEvent("download"), shown.getByRole("button", { name: "Download" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^proof .*\.txt$/);
  await blue.keyboard.press("Escape");

  await mine.getByRole("button", { name: /proof/ }).click();
  await red.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await red.getByRole("alertdialog").getByRole("button", { name: "Delete file" }).click();
  await expect(mine.getByRole("button", { name: /proof/ })).toHaveCount(0);
  await expect(theirs.getByRole("button", { name: /proof/ })).toHaveCount(0);
});

test("files that were chosen wait while one looks at other tests, and go to the one for which they were chosen", async ({ admin, app }) => {
  const { mission, tests } = await exercise(admin);
  await app.goto(`/missions/${mission.id}?test=${tests[0].id}`);
  await settled(app, "Quiet Ledger");
  const red = app.getByRole("group", { name: "Red’s evidence" });
  await give(app, ".evis__half[data-side=red]", "drop", "a.txt", "text/plain", btoa("a"));
  await give(app, ".evis__half[data-side=red]", "drop", "b.txt", "text/plain", btoa("b"));
  await red.getByLabel(/Caption of a\.txt/).fill("What it showed");
  const open = async (n: number) => {
    await app.locator(`a.titem[href*="${tests[n].id}"]`).click();
    await expect(app).toHaveURL(new RegExp(tests[n].id));
    await expect(app.locator(`a.titem[href*="${tests[n].id}"]`)).toHaveAttribute("aria-current", /.+/);
  };
  for (const n of [1, 0, 1, 0]) {
    await open(n);
    await expect(red.getByText("a.txt")).toHaveCount(n === 0 ? 1 : 0);
  }
  await expect(red.getByLabel(/Caption of a\.txt/)).toHaveValue("What it showed");
  const asksBeforeReload = () => app.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
  await open(1);
  expect(await asksBeforeReload(), "a file waits at another test").toBe(true);
  await open(0);
  await red.getByRole("button", { name: "Add all 2" }).click();
  await expect(red.getByRole("button", { name: /a\.txt/ })).toBeVisible();
  await expect(red.getByRole("button", { name: /b\.txt/ })).toBeVisible();
  // what waits has buttons of the same names: only the server says that it has the files
  const captions = async () => (await admin.get(`/missions/${mission.id}/tests/${tests[0].id}/evidence`)).items.map((file: { caption: string | null }) => file.caption).sort();
  await expect.poll(captions).toEqual(["What it showed", null].sort());
  await expect.poll(asksBeforeReload, "nothing is left to lose").toBe(false);
});

test("an upload that fails can be tried again, and one that is cut leaves nothing", async ({ admin, app }) => {
  const { mission, tests } = await exercise(admin);
  await app.goto(`/missions/${mission.id}?test=${tests[0].id}`);
  await settled(app, "Quiet Ledger");
  const red = app.getByRole("group", { name: "Red’s evidence" });
  await app.route("**/evidence", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await give(app, ".evis__half[data-side=red]", "drop", "a.txt", "text/plain", btoa("a"));
  await red.getByRole("button", { name: "Add", exact: true }).click();
  await expect(red.getByRole("alert")).toBeVisible();
  await app.unroute("**/evidence");
  await red.getByRole("button", { name: "Try again" }).click();
  await expect(red.getByRole("button", { name: /a\.txt/ })).toBeVisible();

  await give(app, ".evis__half[data-side=red]", "drop", "b.txt", "text/plain", btoa("b"));
  await red.getByRole("button", { name: "Leave b.txt out" }).click();
  await expect(red.getByText("b.txt")).toHaveCount(0);
});

test("categories are made, ordered by keys and deleted; a finding stands in the list", async ({ admin, app }) => {
  const { mission, tests } = await exercise(admin);
  await app.goto(`/missions/${mission.id}/synthesis`);
  await settled(app, "Quiet Ledger");
  for (const name of ["Email", "Identity"]) {
    await app.getByRole("button", { name: "New category" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByRole("radio", { name: "Teal" }).check({ force: true });
    await dialog.getByRole("button", { name: "Save category" }).click();
    await expect(dialog).toHaveCount(0);
  }
  const order = app.getByRole("list", { name: "Categories in order" }).getByRole("listitem");
  await expect(order).toHaveCount(2);
  await order.nth(1).getByRole("button", { name: "Edit Identity" }).focus();
  await app.keyboard.press("Alt+ArrowUp");
  await expect(order.nth(0)).toContainText("Identity");
  await expect.poll(async () => (await admin.get(`/missions/${mission.id}/categories`)).items.map((one: Json) => one.name)).toEqual(["Identity", "Email"]);
  await accessible(app, "categories");
  await app.getByRole("button", { name: "Delete Email" }).click();
  await app.getByRole("alertdialog").getByRole("button", { name: "Delete category" }).click();
  await expect(order).toHaveCount(1);

  await admin.edit("PATCH", path(mission, tests[1]), { finding_status: "open", finding_due: "2020-01-01", finding_owner_id: admin.me.id });
  await app.goto("/findings?status=open");
  await settled(app, "Findings");
  const found = app.getByRole("list", { name: "Findings" }).getByRole("listitem");
  await expect(found).toHaveCount(1);
  await expect(found).toContainText("Overdue");
  await app.getByRole("combobox", { name: "Owner" }).selectOption("none");
  await expect(app).toHaveURL(/owner=none/);
  await expect(app.getByRole("heading", { name: "No finding fits" })).toBeVisible();
  await app.goBack();
  await found.getByRole("link", { name: "Dump LSASS" }).click();
  await expect(app).toHaveURL(new RegExp(`test=${tests[1].id}`));
});

test("a muted kind is not told", async ({ admin, browserOf }) => {
  const { mission, bea } = await exercise(admin);
  const blue = await browserOf(BEA);
  await blue.goto("/profile");
  await settled(blue, "Profile");
  await blue.getByRole("switch", { name: "Mentioned in a comment" }).uncheck();
  await expect.poll(async () => (await bea.get("/auth/me")).preferences.muted_kinds).toEqual(["mentioned"]);
  const before = (await bea.get("/notifications")).unread;
  await admin.post(`/missions/${mission.id}/comments`, { body: "@Bea" });
  expect((await bea.get("/notifications")).unread).toBe(before);
});

for (const theme of ["light", "dark"] as const) {
  test(`timeline, activity, notifications and findings are accessible and fit, ${theme}`, async ({ admin, app }) => {
    const { mission, tests, rita, bea } = await exercise(admin);
    await app.addInitScript((word) => localStorage.setItem("tyrian.theme", word), theme);
    for (const one of tests.slice(0, 2)) {
      await move(rita, mission, one, "running");
      await move(rita, mission, one, "executed");
    }
    const started = new Date(Date.parse((await bea.get(path(mission, tests[0]))).started_at) + 120_000).toISOString();
    await bea.edit("PATCH", path(mission, tests[0]), { detected_at: started, alerted: "yes" });
    await admin.edit("PATCH", path(mission, tests[0]), { finding_status: "open" });
    await bea.post(`/missions/${mission.id}/comments`, { body: "@Ada Admin, `look`" });
    const pages = [
      [`/missions/${mission.id}/timeline`, "Quiet Ledger"],
      [`/missions/${mission.id}/activity`, "Quiet Ledger"],
      [`/missions/${mission.id}?test=${tests[0].id}`, "Quiet Ledger"],
      ["/notifications", "Notifications"],
      ["/findings", "Findings"],
    ] as const;
    for (const width of [1280, 375]) {
      await app.setViewportSize({ width, height: 800 });
      for (const [url, title] of pages) {
        await app.goto(url);
        await settled(app, title);
        await accessible(app, `${url} at ${width}`);
        await fits(app, `${url} at ${width}`);
      }
    }
  });
}

test("the timeline is walked by keys, zoomed, and told as a table", async ({ admin, app }) => {
  const { mission, tests, rita, bea } = await exercise(admin);
  for (const one of tests) {
    await move(rita, mission, one, "running");
    await move(rita, mission, one, "executed");
  }
  const started = Date.parse((await bea.get(path(mission, tests[0]))).started_at);
  await bea.edit("PATCH", path(mission, tests[0]), { detected_at: new Date(started + 180_500).toISOString() });
  await app.goto(`/missions/${mission.id}/timeline`);
  await settled(app, "Quiet Ledger");
  const chart = app.getByRole("group", { name: /^Timeline:/ });
  await expect(chart.getByRole("link")).toHaveCount(3);
  await expect(chart.getByRole("link", { name: /Encoded PowerShell: started .*, detected after 3 min/ })).toBeVisible();
  await expect(app.getByRole("table").getByRole("row", { name: /Encoded PowerShell/ })).toContainText("3 min");
  const wide = () => chart.evaluate((svg) => svg.getBoundingClientRect().width);
  const before = await wide();
  await app.keyboard.press("+");
  await expect.poll(wide).toBeGreaterThan(before * 1.5);
  await expect(app).toHaveURL(/zoom=2/);
  await app.keyboard.press("0");
  await chart.getByRole("link").first().focus();
  await app.keyboard.press("ArrowRight");
  await expect(chart.getByRole("link").nth(1)).toBeFocused();
  await app.keyboard.press("Enter");
  await expect(app).toHaveURL(/\?test=/);
});
