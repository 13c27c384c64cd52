// The library: a test template with its ATT&CK tags, a scenario put in order by drag and by keyboard.
import { accessible, expect, fits, settled, test } from "./fixtures/test.ts";

test("a test template is written, tagged by search and in the matrix, and saved", async ({ app, admin }) => {
  await admin.syncCatalogue();
  await app.goto("/templates/tests/new");
  await settled(app, "New test template");
  await app.getByLabel("Name", { exact: true }).fill("<script>alert(1)</script> עברית 🐚");
  const search = app.getByRole("combobox", { name: /Add a tactic/ });
  await search.fill("powersh");
  await expect(app.getByRole("option", { name: /T1059\.001 ?PowerShell/ })).toBeVisible();
  await search.press("Enter");
  await expect(app.getByText("T1059.001", { exact: true })).toBeVisible();
  await search.fill("T1486");
  await app.getByRole("option", { name: /T1486/ }).click();
  // in the matrix: one more, and one of them out again
  await search.press("Escape");
  await app.getByRole("button", { name: "Pick in the matrix" }).last().click();
  const matrix = app.getByRole("dialog", { name: "Pick in the matrix" });
  await expect(matrix.getByText("2 chosen")).toBeVisible();
  await fits(app, "the matrix dialog");
  await accessible(app, "the matrix dialog");
  await matrix.getByRole("button", { name: "Credential Access", exact: true }).click();
  await matrix.getByRole("button", { name: /^T1486 / }).click();
  await expect(matrix.getByText("2 chosen")).toBeVisible();
  await matrix.getByRole("button", { name: "Done" }).click();
  await app.getByRole("button", { name: "Save", exact: true }).first().click();
  await expect(app).toHaveURL(/\/templates\/tests\/[0-9a-f-]{36}$/);
  const made = await admin.get(new URL(app.url()).pathname.replace("/templates/tests", "/test-templates"));
  expect(made.name).toBe("<script>alert(1)</script> עברית 🐚");
  expect(made.mitre_tags.map((tag: any) => tag.external_id).sort()).toEqual(["T1059.001", "TA0006"]);
  // what was typed is shown, not run: the listener of the fixture would have seen an error, the heading shows the text
  await settled(app, "<script>alert(1)</script> עברית 🐚");
});

test("a scenario is put in order by plus, by drag and by keyboard", async ({ app, admin }) => {
  for (const name of ["Alpha", "Bravo", "Charlie", "Delta"]) await admin.testTemplate(name);
  await app.goto("/templates/scenarios/new");
  await settled(app, "New scenario");
  await app.getByLabel("Name", { exact: true }).fill("In order");
  for (const name of ["Alpha", "Bravo", "Charlie", "Delta", "Alpha"]) await app.getByRole("button", { name: `Add ${name}` }).click();
  const rows = app.getByRole("list", { name: "Tests in order" }).getByRole("listitem");
  const order = async (...names: string[]) => {
    await expect(rows).toHaveCount(names.length);
    for (const [place, name] of names.entries()) await expect(rows.nth(place)).toContainText(name);
  };
  await order("Alpha", "Bravo", "Charlie", "Delta", "Alpha");
  await rows.nth(3).dragTo(rows.nth(0));
  await order("Delta", "Alpha", "Bravo", "Charlie", "Alpha");
  // after a drag to the top the row has the focus, though its “up” is off there
  await app.keyboard.press("Alt+ArrowDown");
  await order("Alpha", "Delta", "Bravo", "Charlie", "Alpha");
  await app.keyboard.press("Alt+ArrowDown");
  await app.keyboard.press("Alt+ArrowDown");
  await app.keyboard.press("Alt+ArrowDown");
  await order("Alpha", "Bravo", "Charlie", "Alpha", "Delta");
  await app.getByRole("button", { name: "Move Delta up" }).press("Enter");
  await order("Alpha", "Bravo", "Charlie", "Delta", "Alpha");
  await expect(app.getByRole("button", { name: "Move Delta up" })).toBeFocused();
  await rows.nth(4).getByRole("button", { name: "Take Alpha out" }).click();
  await app.getByRole("button", { name: "Save", exact: true }).first().click();
  await expect(app).toHaveURL(/\/templates\/scenarios\/[0-9a-f-]{36}$/);
  const path = new URL(app.url()).pathname.replace("/templates/scenarios", "/scenario-templates");
  const saved = async () => (await admin.get(path)).tests.map((place: any) => place.test_template.name);
  expect(await saved()).toEqual(["Alpha", "Bravo", "Charlie", "Delta"]);

  await app.reload();
  await settled(app, "In order");
  await app.getByRole("button", { name: "Move Alpha down" }).click();
  const answer = app.waitForResponse((response) => response.request().method() === "PUT");
  await app.keyboard.press("Control+s");
  expect((await answer).status()).toBe(200);
  expect(await saved()).toEqual(["Bravo", "Alpha", "Charlie", "Delta"]);
});

test("what two people change at once is shown to the second, who decides", async ({ app, admin }) => {
  const template = await admin.testTemplate("Shared");
  await app.goto(`/templates/tests/${template.id}`);
  await settled(app, "Shared");
  await app.getByLabel("Objective").fill("mine");
  await admin.edit("PATCH", `/test-templates/${template.id}`, { objective: "theirs" });
  await app.getByRole("button", { name: "Save", exact: true }).first().click();
  const both = app.getByRole("dialog");
  await expect(both).toContainText("mine");
  await expect(both).toContainText("theirs");
  expect(await admin.get(`/test-templates/${template.id}`)).toMatchObject({ objective: "theirs" });
});

test("the library's filters stand in the URL, and Back brings the earlier ones", async ({ app, admin }) => {
  await admin.library();
  await app.goto("/templates/tests");
  await settled(app, "Test templates");
  const names = (...wanted: string[]) => expect(app.getByRole("table").getByRole("link")).toHaveText(wanted);
  await names("Remote desktop to a server", "Dump LSASS", "Encoded PowerShell");
  await app.getByLabel("OPSEC risk", { exact: true }).selectOption("high");
  await expect(app).toHaveURL(/opsec=high/);
  await names("Dump LSASS");
  await app.goBack();
  await names("Remote desktop to a server", "Dump LSASS", "Encoded PowerShell");
  // a technique finds what is tagged with one of its subtechniques
  await app.goto("/templates/tests?technique=T1059");
  await names("Encoded PowerShell");
});
