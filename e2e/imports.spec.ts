// Imports: the check shows what would happen, the import does it and links to what it made. And tags that ATT&CK has retired.
import type { Locator, Page } from "@playwright/test";
import { attackBundle } from "./fixtures/bundle.ts";
import { Server } from "./fixtures/server.ts";
import { Api, accessible, expect, fits, settled, test } from "./fixtures/test.ts";

const file = (name: string, text: string, mimeType = "text/plain") => ({ name, mimeType, buffer: Buffer.from(text) });

/** Two atomic tests of our own; the second one's executor is none where `bad`. */
const atomic = (bad: boolean) => `attack_technique: T1059.001
display_name: 'Command and Scripting Interpreter: PowerShell'
atomic_tests:
- name: Greet somebody
  auto_generated_guid: 7d0c1a52-4f55-4a5b-9a51-3f0c54a1e201
  description: Greets on the console.
  supported_platforms: [windows]
  executor: {name: powershell, command: 'Write-Output hello'}
- name: Wave by hand
  auto_generated_guid: 7d0c1a52-4f55-4a5b-9a51-3f0c54a1e202
  description: Waves.
  supported_platforms: [linux]
  executor: {name: ${bad ? "telepathy" : "manual"}, steps: '1. Wave.'}
`;

const VECTR = `AssessmentGroup,Campaign,Phase,Variant,MitreID,Method,Status,Outcome,Alert Triggered,Activity Logged,Outcome Notes,DetectingTools,Start Time,Stop Time,Detection Time,Organizations
Autumn drill,Break in,Execution,Macro,T1059.001,PowerShell,Completed,Blocked,Yes,Yes,Stopped at once.,EDR,2026-03-01T10:00:00Z,2026-03-01T10:05:00Z,2026-03-01T10:02:00Z,ACME
Autumn drill,Break in,Execution,Loader,T1059.003,cmd,Completed,NotDetected,No,No,,,2026-03-01T11:00:00Z,,,ACME
Autumn drill,Take away,Credential Access,Dump,T1003.001,LSASS,Completed,Detected,Yes,Yes,,SIEM,2026-03-02T10:00:00Z,,2026-03-02T10:30:00Z,ACME
`;

/** Opens the dialog of the page and chooses what the file is, and the file. */
async function choose(page: Page, kind: string, chosen: ReturnType<typeof file>): Promise<Locator> {
  await page.locator("header.topbar").getByRole("button", { name: "Import", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Import" });
  await dialog.getByRole("radio", { name: kind }).check();
  await dialog.locator("input[type=file]").setInputFiles(chosen);
  await expect(dialog.getByText(chosen.name)).toBeVisible();
  return dialog;
}

const items = (dialog: Locator) => dialog.getByRole("region", { name: "Items of the file" }).getByRole("listitem");

test("a file with a bad test is refused whole, or taken without it; a second import changes nothing", async ({ app, admin }) => {
  await admin.syncCatalogue();
  await app.goto("/templates/tests");
  await settled(app, "Test templates");
  const dialog = await choose(app, "Atomic Red Team", file("T1059.001.yaml", atomic(true)));
  await accessible(app, "the choice of an import");
  await dialog.getByRole("button", { name: "Check" }).click();
  // the reason of the bad one, and what would become of the good one
  const refused = items(dialog).filter({ hasText: "Wave by hand" });
  await expect(refused).toContainText("Refused");
  await expect(refused).toContainText("telepathy");
  await expect(items(dialog).filter({ hasText: "Greet somebody" })).toContainText("New");
  await expect(dialog.getByText(/none of it is, unless/)).toBeVisible();
  const go = dialog.getByRole("button", { name: "Import 1 test" });
  await expect(go).toBeDisabled();
  await dialog.getByRole("button", { name: /^Refused/ }).click();
  await expect(items(dialog)).toHaveCount(1);
  await dialog.getByRole("button", { name: /^All/ }).click();
  await expect(items(dialog)).toHaveCount(2);
  await accessible(app, "a check with a refused test");
  await fits(app, "a check with a refused test");
  expect((await admin.get("/test-templates?limit=1")).total, "a check writes nothing").toBe(0);

  await dialog.getByRole("checkbox", { name: /Leave out what is refused, and import the other 1 test/ }).check();
  await go.click();
  await expect(dialog.getByText("Import done: 1 test made. What was refused is left out.")).toBeVisible();
  expect((await admin.get("/test-templates?limit=1")).total).toBe(1);
  await dialog.getByRole("link", { name: /Greet somebody/ }).click();
  await settled(app, "Greet somebody");
  await expect(dialog).toHaveCount(0);

  await app.goto("/templates/tests");
  await settled(app, "Test templates");
  const again = await choose(app, "Atomic Red Team", file("T1059.001.yaml", atomic(false)));
  await again.getByRole("button", { name: "Check" }).click();
  await again.getByRole("button", { name: "Import 1 test" }).click();
  await expect(again.getByText("Import done: 1 test made.")).toBeVisible();
  await again.getByRole("button", { name: "Import another file" }).click();
  await again.locator("input[type=file]").setInputFiles(file("T1059.001.yaml", atomic(false)));
  await again.getByRole("button", { name: "Check" }).click();
  await expect(again.getByText(/^Nothing to import/)).toBeVisible();
  await expect(items(again)).toHaveCount(2);
  await expect(items(again).first()).toContainText("Here already, with the same content.");
  await expect(again.getByRole("button", { name: /^Import/ })).toHaveCount(0);
  await again.getByRole("button", { name: "Close" }).last().click();
  await expect(app.getByRole("row", { name: /Wave by hand/ })).toBeVisible();
});

test("what is no such file is refused in the server's words", async ({ app, admin }) => {
  void admin;
  await app.goto("/templates/scenarios");
  await settled(app, "Scenarios");
  const dialog = await choose(app, "ATT&CK Navigator layer", file("layer.json", "{ no layer", "application/json"));
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByText(/^This file cannot be imported/)).toBeVisible();
  await expect(items(dialog).filter({ hasText: "layer.json" })).toContainText("Refused");
  await dialog.getByRole("button", { name: "Another file" }).click();
  await expect(dialog.getByRole("button", { name: "Check" })).toBeDisabled();
});

test("a long report is drawn in parts", async ({ app, admin }) => {
  test.setTimeout(120_000);
  await admin.syncCatalogue();
  const techniques = Array.from({ length: 450 }, (_, n) => ({ techniqueID: `T${9000 + n}` }));
  const layer = JSON.stringify({ name: "Much", domain: "enterprise-attack", versions: { layer: "4.5" }, techniques });
  await app.goto("/templates/scenarios");
  await settled(app, "Scenarios");
  const dialog = await choose(app, "ATT&CK Navigator layer", file("much.json", layer, "application/json"));
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(items(dialog)).toHaveCount(200);
  await dialog.getByRole("button", { name: "Show more" }).click();
  await expect(items(dialog)).toHaveCount(400);
  await dialog.getByRole("button", { name: /^With a problem/ }).click();
  await expect(items(dialog)).toHaveCount(200);
  await expect(items(dialog).first()).toContainText("The catalogue has no T9");
});

test("VECTR's CSV becomes a completed mission", async ({ app, admin }) => {
  await admin.syncCatalogue();
  await app.goto("/missions");
  await settled(app, "Missions");
  const dialog = await choose(app, "VECTR", file("vectr.csv", VECTR, "text/csv"));
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByRole("button", { name: "Import 1 mission" }).click();
  await expect(dialog.getByText("Import done: 1 mission made.")).toBeVisible();
  await dialog.getByRole("link", { name: /Autumn drill/ }).click();
  await settled(app, "Autumn drill");
  await expect(app.getByRole("heading", { name: "Break in" }).or(app.getByText("Break in")).first()).toBeVisible();
  const mission = (await admin.get("/missions?q=Autumn")).items[0];
  expect(mission).toMatchObject({ status: "completed", counts: { tests: 3, by_state: { assessed: 3 } } });
});

test("a mission's lossless JSON comes into another Tyrian once", async ({ app, admin }) => {
  const elsewhere = await Server.start({});
  const there = await Api.admin(elsewhere.url);
  const { scenario } = await there.library();
  const made = await there.mission("Quiet Ledger", "ACME", { scenario_template_ids: [scenario.id] });
  const answer = await fetch(`${elsewhere.url}/api/v1/missions/${made.id}/export/json`, { headers: { Authorization: `Bearer ${there.token}` } });
  const json = file("quiet-ledger.json", await answer.text(), "application/json");
  await elsewhere.stop();

  await app.goto("/missions");
  await settled(app, "Missions");
  const dialog = await choose(app, "Tyrian mission", json);
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByRole("button", { name: "Import 1 mission" }).click();
  await expect(dialog.getByText(/^Import done: 1 mission made/)).toBeVisible();
  await dialog.getByRole("button", { name: "Import another file" }).click();
  await dialog.locator("input[type=file]").setInputFiles(json);
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(items(dialog).filter({ hasText: "Quiet Ledger" })).toContainText("This mission is here already.");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await app.getByRole("link", { name: "Quiet Ledger" }).click();
  await settled(app, "Quiet Ledger");
  await expect(app.getByText("Encoded PowerShell").first()).toBeVisible();
  expect(await admin.get(`/missions/${made.id}`)).toMatchObject({ name: "Quiet Ledger", counts: { tests: 3 } });
});

test("a tool's log fills the tests of a mission that runs", async ({ app, admin }) => {
  await admin.syncCatalogue();
  const made = await admin.testTemplate("Look around", [["subtechnique", "T1059.003"]]);
  const scenario = await admin.scenario("Short", [made.id]);
  const mission = await admin.mission("Night Ferry", "ACME", { scenario_template_ids: [scenario.id], members: [{ user_id: admin.me.id, role_hint: "red" }] });
  await admin.move(mission, "in_progress");
  const log = `oplog_id,start_date,end_date,source_ip,dest_ip,tool,user_context,command,description,output,comments,operator_name,entry_identifier,tags
1,2026-03-01 11:00:00,2026-03-01 11:01:00,10.0.0.1,10.0.0.2,cmd,u,whoami,Look around once,nobody,,Red,e-1,att&ck:T1059.003
`;
  await app.goto(`/missions/${mission.id}`);
  await settled(app, "Night Ferry");
  await app.getByRole("button", { name: "More actions" }).click();
  await app.getByRole("menuitem", { name: "Import results" }).click();
  const dialog = app.getByRole("dialog", { name: "Import" });
  await dialog.getByRole("radio", { name: "Ghostwriter operation log" }).check();
  await dialog.locator("input[type=file]").setInputFiles(file("oplog.csv", log, "text/csv"));
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByRole("button", { name: "Import 1 test" }).click();
  await expect(dialog.getByText("Import done: 1 test changed.")).toBeVisible();
  await items(dialog).first().getByRole("link").click();
  const filled = (await admin.get(`/missions/${mission.id}`)).scenarios[0].tests[0];
  await expect(app).toHaveURL(new RegExp(`test=${filled.id}`));
  expect(await admin.get(`/missions/${mission.id}/tests/${filled.id}`)).toMatchObject({ state: "executed", command_run: "whoami" });
});

test("who may import nothing sees no button, and who may make no scenario is offered none", async ({ admin, browserOf }) => {
  await admin.member("Bea", "Blue team");
  const page = await browserOf("bea@example.test");
  await page.goto("/templates/tests");
  await settled(page, "Test templates");
  await expect(page.getByRole("button", { name: "Import" })).toHaveCount(0);
});

test("an import goes on when its dialog is closed, and a message says how it ended", async ({ app, admin }) => {
  await admin.syncCatalogue();
  await app.goto("/templates/tests");
  await settled(app, "Test templates");
  const dialog = await choose(app, "Atomic Red Team", file("T1059.001.yaml", atomic(false)));
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByRole("button", { name: "Import 2 tests" })).toBeVisible();
  // held back until the dialog is closed
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await app.route("**/api/v1/jobs/*", async (route) => {
    await held;
    await route.continue();
  });
  await dialog.getByRole("button", { name: "Import 2 tests" }).click();
  await expect(dialog.getByText(/^You can close this/)).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await expect(dialog).toHaveCount(0);
  release();
  await expect(app.getByText("Import: 2 tests made")).toBeVisible();
  await expect(app.getByRole("row", { name: /Wave by hand/ })).toBeVisible();
});

test("tags that a sync has retired are listed, previewed and moved; missions keep theirs", async ({ app, admin }) => {
  const { tests, scenario } = await admin.library();
  const mission = await admin.mission("Quiet Ledger", "ACME", { scenario_template_ids: [scenario.id] });
  await admin.testTemplate("Guess passwords", [["technique", "T1110"]]);
  await app.goto("/templates/outdated");
  await settled(app, "Outdated tags");
  await expect(app.getByRole("heading", { name: "Every tag is up to date" })).toBeVisible();
  await admin.syncCatalogue(laterBundle());

  await app.goto("/attack");
  await settled(app, "ATT&CK");
  await expect(app.getByRole("link", { name: "2 outdated templates" })).toBeVisible();
  await app.goto("/templates/tests");
  await settled(app, "Test templates");
  await app.getByRole("link", { name: "Update their tags" }).click();
  await settled(app, "Outdated tags");
  const row = app.getByRole("listitem").filter({ hasText: "Remote desktop to a server" });
  await expect(row).toContainText(/T1021.*revoked.*becomes.*T1570/);
  await expect(app.getByRole("region", { name: "Without a successor" })).toContainText("Guess passwords");
  await accessible(app, "outdated tags");
  await fits(app, "outdated tags");

  await app.getByRole("button", { name: "Remap all" }).click();
  const dialog = app.getByRole("dialog", { name: "Remap tags" });
  await expect(dialog).toContainText("Nothing is written yet. With the remap the tags of 1 template move.");
  await expect(dialog.getByText(/^Missions are untouched/)).toBeVisible();
  expect((await admin.get(`/test-templates/${tests[2].id}`)).mitre_tags[0].external_id, "a preview writes nothing").toBe("T1021");
  await accessible(app, "the preview of a remap");
  await dialog.getByRole("button", { name: "Remap 1 template" }).click();
  await expect(app.getByText("1 template remapped")).toBeVisible();
  await expect(row).toHaveCount(0);
  expect((await admin.get(`/test-templates/${tests[2].id}`)).mitre_tags[0].external_id).toBe("T1570");
  const kept = (await admin.get(`/missions/${mission.id}`)).scenarios[0].tests[2].mitre_tags[0].external_id;
  expect(kept, "a mission keeps its frozen tag").toBe("T1021");
});

/** The bundle as a later release: T1021 is revoked by T1570, T1110 is deprecated. */
function laterBundle(): object {
  const bundle = attackBundle("90.2");
  const of = (id: string) => bundle.objects.find((object: any) => object.external_references?.[0]?.external_id === id) as any;
  const [revoked, successor] = [of("T1021"), of("T1570")];
  revoked.revoked = true;
  of("T1110").x_mitre_deprecated = true;
  const model = bundle.objects.find((object: any) => object.relationship_type === "revoked-by") as any;
  bundle.objects.push({ ...model, id: "relationship--11111111-1111-4111-a111-111111111111", source_ref: revoked.id, target_ref: successor.id });
  return bundle;
}
