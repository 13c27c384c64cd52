// Chromium of the machine against the real binary. Each test starts a server of its own (fixtures/test.ts), so tests share nothing.
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { defineConfig, devices } from "@playwright/test";

const chromium = process.env.CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  // The slowest steps are an unoptimised app's first load and the screenshots; nothing here measures time.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: Math.min(2, cpus().length),
  forbidOnly: !!process.env.CI,
  retries: 0,
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1280, height: 900 },
    // The texts of the app are English; its dates follow the reader.
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    actionTimeout: 15_000,
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
});
