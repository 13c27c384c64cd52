// The board: missions are moved by menu, by key and by dragging, only where they may go; a refusal takes them back.
import type { Page } from "@playwright/test";
import { accessible, expect, settled, test } from "./fixtures/test.ts";

const column = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** A mission with red in it, so that nobody is asked before it starts. */
async function board(app: Page, admin: any, ...to: string[]): Promise<any> {
  const mission = await admin.mission("Night Ferry", "ACME", { members: [{ user_id: admin.me.id, role_hint: "red" }] });
  await admin.move(mission, ...to);
  await app.goto("/missions?view=board");
  await settled(app, "Missions");
  return mission;
}

test("a card's menu moves a mission, by key too, and a toast takes it back", async ({ app, admin }) => {
  const mission = await board(app, admin);
  const card = app.getByRole("link", { name: "Night Ferry" });
  await expect(column(app, "Draft").getByRole("link")).toHaveText(["Night Ferry"]);
  await accessible(app, "the board with menus");
  await card.focus();
  await app.keyboard.press("m");
  await expect(app.getByRole("menuitem")).toHaveText(["Start mission"]);
  await app.keyboard.press("Enter");
  await expect(column(app, "In progress").getByRole("link")).toHaveText(["Night Ferry"]);
  await expect(column(app, "Draft")).toContainText("None");
  await expect(app.getByText("Night Ferry is in progress")).toBeVisible();
  // the focus goes with it, and stays when the lists were read again
  await expect.poll(async () => (await admin.get(`/missions/${mission.id}`)).status).toBe("in_progress");
  await expect(column(app, "In progress").getByRole("button", { name: "Move Night Ferry" })).toBeVisible();
  await expect(card).toBeFocused();
  await app.keyboard.press("m");
  await expect(app.getByRole("menuitem")).toHaveText(["Complete mission", "Back to draft"]);
  await app.keyboard.press("Escape");

  await app.getByRole("button", { name: "Undo" }).click();
  await expect(column(app, "Draft").getByRole("link")).toHaveText(["Night Ferry"]);
  await expect(app.getByText("Night Ferry is draft again")).toBeVisible();
  await expect(app.getByRole("button", { name: "Undo" })).toHaveCount(0);
  expect((await admin.get(`/missions/${mission.id}`)).status).toBe("draft");
});

test("a card is dragged to a column that takes it, and to no other", async ({ app, admin }) => {
  const mission = await board(app, admin, "in_progress");
  const card = app.locator(".bcard").filter({ hasText: "Night Ferry" });
  const box = (await card.boundingBox())!;
  await app.mouse.move(box.x + 40, box.y + box.height - 20);
  await app.mouse.down();
  const archive = (await column(app, "Archived").boundingBox())!;
  await app.mouse.move(archive.x + 60, archive.y + 200, { steps: 6 });
  await expect(column(app, "Archived")).toContainText("Not from in progress");
  await expect(column(app, "Completed")).toContainText("Complete mission");
  await app.mouse.up();
  await expect(column(app, "Archived")).not.toContainText("Not from");
  await expect(column(app, "In progress").getByRole("link")).toHaveText(["Night Ferry"]);

  await card.dragTo(column(app, "Completed"));
  await expect(column(app, "Completed").getByRole("link")).toHaveText(["Night Ferry"]);
  await expect(app.getByText("Night Ferry is completed")).toBeVisible();
  await expect(app.getByRole("button", { name: "Undo" })).toBeVisible();
  await expect.poll(async () => (await admin.get(`/missions/${mission.id}`)).status).toBe("completed");
});

test("the archive is asked about first, and has no way back", async ({ app, admin }) => {
  await board(app, admin, "in_progress", "completed");
  const card = app.locator(".bcard").filter({ hasText: "Night Ferry" });
  await card.dragTo(column(app, "Archived"));
  const asked = app.getByRole("alertdialog", { name: "Archive Night Ferry?" });
  await expect(asked).toContainText("This cannot be undone.");
  await asked.getByRole("button", { name: "Leave it as it is" }).click();
  await expect(column(app, "Completed").getByRole("link")).toHaveText(["Night Ferry"]);
  await card.getByRole("button", { name: "Move Night Ferry" }).click();
  await app.getByRole("menuitem", { name: "Archive mission" }).click();
  await asked.getByRole("button", { name: "Archive mission" }).click();
  await expect(column(app, "Archived").getByRole("link")).toHaveText(["Night Ferry"]);
  await expect(app.getByText("Night Ferry is archived")).toBeVisible();
  await expect(app.getByRole("button", { name: "Undo" })).toHaveCount(0);
  await expect(app.getByRole("button", { name: "Move Night Ferry" })).toHaveCount(0);
});

test("what is refused goes back, with the reason", async ({ app, admin }) => {
  await board(app, admin, "in_progress");
  await app.route("**/transition", async (route) => {
    await new Promise((done) => setTimeout(done, 400));
    await route.fulfill({
      status: 409,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "Conflict", status: 409, code: "illegal_transition", detail: "No.", allowed: ["draft"], request_id: "1" }),
    });
  });
  await app.getByRole("button", { name: "Move Night Ferry" }).click();
  await app.getByRole("menuitem", { name: "Complete mission" }).click();
  // shown at once, before the answer
  await expect(column(app, "Completed").getByRole("link")).toHaveText(["Night Ferry"]);
  await expect(app.getByText("Night Ferry stays in progress")).toBeVisible();
  await expect(app.getByText("It can now become draft.")).toBeVisible();
  await expect(column(app, "In progress").getByRole("link")).toHaveText(["Night Ferry"]);
  await expect(column(app, "Completed")).toContainText("None");
});

test("who may not move missions has no menu", async ({ admin, browserOf }) => {
  const bea = await admin.member("Bea", "Blue team");
  await admin.mission("Night Ferry", "ACME", { members: [{ user_id: bea.me.id, role_hint: "blue" }] });
  const page = await browserOf("bea@example.test");
  await page.goto("/missions?view=board");
  await settled(page, "Missions");
  await expect(column(page, "Draft").getByRole("link")).toHaveText(["Night Ferry"]);
  await expect(page.getByRole("button", { name: "Move Night Ferry" })).toHaveCount(0);
});
