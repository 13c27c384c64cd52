// What the chosen scenarios bring is seen before a mission is made of them: techniques and tests, tactic by tactic.
import { accessible, expect, fits, settled, test } from "./fixtures/test.ts";

test("the wizard shows the techniques and tests that the scenarios bring", async ({ app, admin }) => {
  await admin.library();
  const job = await admin.testTemplate("Scheduled job", [["technique", "T1053"]]);
  const shell = await admin.testTemplate("Batch file", [["subtechnique", "T1059.003"]]);
  const loose = await admin.testTemplate("Talk to the guard");
  await admin.scenario("Second act", [job.id, shell.id, loose.id]);
  await app.goto("/missions/new");
  await settled(app, "New mission");
  await app.getByLabel("Name").fill("Night Ferry");
  await app.getByLabel("Client").fill("ACME");
  await app.getByRole("button", { name: "Scenarios", exact: true }).click();
  await app.getByRole("checkbox", { name: "Hands on keyboard" }).check();

  const covers = app.getByRole("region", { name: "What it covers" });
  const tactics = covers.getByRole("list", { name: "Techniques in 3 of 14 tactics" });
  const of = (tactic: string) => covers.getByRole("listitem").filter({ hasText: new RegExp(`${tactic}\\d`) });
  await expect(tactics.getByRole("listitem")).toHaveCount(14);
  await expect(of("Execution")).toContainText("1 technique, 1 test");
  await expect(of("Persistence")).toContainText("0 techniques, 0 tests");

  // two tests of one technique: its square is marked, not only darker; a technique of three tactics stands in each
  await app.getByRole("checkbox", { name: "Second act" }).check();
  await expect(of("Execution")).toContainText("2 techniques, 3 tests");
  await expect(of("Persistence")).toContainText("1 technique, 1 test");
  await expect(of("Execution").locator("i[data-on='2']")).toHaveAttribute("title", "T1059 Command and Scripting Interpreter, 2 tests");
  await expect(covers).toContainText("1 test stands in no tactic.");

  // by name, for who does not hover
  await covers.getByText("5 techniques by name").click();
  const named = covers.getByRole("listitem").filter({ hasText: "T1059 Command and Scripting Interpreter · 2 tests" });
  await expect(named).toContainText("T1059.001 PowerShell");
  await expect(named).toContainText("T1059.003 Windows Command Shell");
  await accessible(app, "the wizard's matrix");

  // the last step shows it too; on a phone its tactics are rows
  await app.getByRole("button", { name: "Members", exact: true }).click();
  await expect(of("Execution")).toContainText("2 techniques, 3 tests");
  await app.setViewportSize({ width: 375, height: 800 });
  await fits(app, "the wizard at 375 px");
  await expect(of("Execution").getByText("2 techniques, 3 tests")).toBeVisible();
  await expect(covers.getByText("Collection", { exact: true })).toBeHidden();
  await expect(covers.getByText(/^Nothing in \d+ other tactics/)).toBeVisible();
  await app.getByRole("button", { name: "Create mission" }).click();
  await settled(app, "Night Ferry");
});

test("without a catalogue, and without an answer, the wizard goes on", async ({ app, admin }) => {
  const plain = await admin.testTemplate("No tag at all");
  await admin.scenario("Bare", [plain.id]);
  await app.goto("/missions/new?step=2");
  await settled(app, "New mission");
  await app.route("**/api/v1/scenario-templates/*", (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" }));
  await app.getByRole("checkbox", { name: "Bare" }).check();
  const covers = app.getByRole("region", { name: "What it covers" });
  await expect(covers.getByRole("alert")).toContainText("could not be read");
  await app.unroute("**/api/v1/scenario-templates/*");
  await covers.getByRole("button", { name: "Try again" }).click();
  await expect(covers.getByRole("alert")).toHaveCount(0);
  await expect(covers.getByText("0 techniques by name")).toBeVisible();
});
