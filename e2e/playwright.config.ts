// Chromium of the machine against the real binary. Each test starts a server of its own (fixtures/test.ts), so tests share nothing.
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { defineConfig, devices } from "@playwright/test";

// Chromium without a window draws no tabs and menus that nobody sees: half the work on a small machine.
const CHROMIUMS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const chromium = process.env.CHROMIUM || CHROMIUMS.find((path) => existsSync(path));

// The specs that measure time; of these, those that need a machine which does nothing else: QUIET=1 runs them too.
const SPEED = /(-speed|long-lists|timing)\.spec\.ts/;
const QUIET = /(long-lists|timing)\.spec\.ts/;

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  // The slowest steps are an unoptimised app's first load and the screenshots; nothing here measures time.
  timeout: 90_000,
  // Pictures: what another version of the browser draws a little differently is no difference, a colour or a place is.
  expect: { timeout: 15_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01, animations: "disabled" } },
  snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
  fullyParallel: true,
  workers: Math.min(2, cpus().length),
  forbidOnly: !!process.env.CI,
  // Two cores run the browser, the server and the test: what waited too long once is tried once more where nobody watches, and is
  // listed as flaky. At home nothing is hidden.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"]],
  // What measures time runs by itself, one after the other, when the others are through.
  projects: [
    { name: "all", testIgnore: SPEED },
    { name: "speed", testMatch: SPEED, testIgnore: process.env.QUIET ? [] : QUIET, workers: 1, dependencies: ["all"] },
  ],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1280, height: 900 },
    // The texts of the app are English; its dates follow the reader.
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    // A trace of each test costs as much as the test: TRACE=1 where one is wanted.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    actionTimeout: 15_000,
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
});
