// Every page, in light and dark, wide and narrow: axe finds nothing, nothing runs out sideways, and a picture of it lies in shots/.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { PAGES, seed } from "./fixtures/pages.ts";
import { accessible, expect, fits, settled, test } from "./fixtures/test.ts";

const SHOTS = fileURLToPath(new URL("./shots", import.meta.url));
const WIDTHS = [1280, 375] as const;

async function look(page: Page, name: string, scheme: string) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 375 ? 812 : 900 });
    await test.step(`${name} at ${width}`, async () => {
      await fits(page, `${name} at ${width}`);
      // the narrow layout has its own order and landmarks, but the colours of the wide one
      if (width === 1280 || scheme === "light") await accessible(page, `${name} at ${width}, ${scheme}`);
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${scheme}.png` });
    });
  }
}

for (const scheme of ["light", "dark"] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme });

    // in parts, so that they run side by side
    for (const part of [0, 1, 2]) {
      test(`every page, ${scheme}, ${part + 1} of 3`, async ({ app, admin }) => {
        test.setTimeout(300_000);
        const at = await seed(admin);
        await mkdir(SHOTS, { recursive: true });
        for (const [name, path, title] of PAGES.filter((_, n) => n % 3 === part)) {
          await app.goto(path(at));
          await settled(app, title);
          await look(app, name, scheme);
        }
      });
    }

    test(`what opens over and in the pages, ${scheme}`, async ({ app, admin }) => {
      test.setTimeout(180_000);
      const at = await seed(admin);
      await mkdir(SHOTS, { recursive: true });
      const wide = () => app.setViewportSize({ width: 1280, height: 900 });
      await app.goto("/missions/new");
      await settled(app, "New mission");
      await app.getByRole("button", { name: "Scenarios", exact: true }).click();
      await look(app, "wizard-1-errors", scheme);
      await wide();
      await app.getByLabel("Name").fill("Night Ferry");
      await app.getByLabel("Client").fill("ACME");
      await app.getByRole("button", { name: "Scenarios", exact: true }).click();
      await app.getByRole("checkbox", { name: "Hands on keyboard" }).check();
      await look(app, "wizard-2", scheme);
      await wide();
      await app.getByRole("button", { name: "Members", exact: true }).click();
      await app.getByRole("combobox", { name: "Add a person" }).fill("bea");
      await expect(app.getByRole("option", { name: /Bea/ })).toBeVisible();
      await look(app, "wizard-3", scheme);
      await wide();

      await app.goto(`/missions/${at.mission}`);
      await settled(app, "Quiet Ledger");
      await app.getByRole("button", { name: "More actions" }).click();
      await look(app, "mission-menu", scheme);
      await wide();
      await app.getByRole("menuitem", { name: "Delete mission" }).click();
      await expect(app.getByRole("alertdialog")).toBeVisible();
      await look(app, "mission-delete", scheme);
      await wide();
      await app.keyboard.press("Escape");

      await app.goto("/attack");
      await settled(app, "ATT&CK");
      await app.getByRole("button", { name: "Sync" }).click();
      await app.getByText("A file", { exact: true }).click();
      await look(app, "attack-sync", scheme);
      await wide();

      await app.goto("/templates/tests");
      await settled(app, "Test templates");
      await app.getByRole("button", { name: "Import", exact: true }).click();
      await expect(app.getByRole("dialog", { name: "Import" })).toBeVisible();
      await look(app, "import", scheme);
      await wide();

      await app.goto("/admin/invitations?new=1");
      await expect(app.getByRole("dialog")).toBeVisible();
      await look(app, "invitation-new", scheme);
      await wide();

      await app.goto("/");
      await settled(app, "Home");
      await app.keyboard.press("?");
      await expect(app.getByRole("dialog", { name: "Keys" })).toBeVisible();
      await look(app, "keys", scheme);
    });
  });
}
