// The console in Chromium, against the real program with a data folder of its own.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineConfig } from '@playwright/test';

const root = resolve(import.meta.dirname, '../..');
// Workers read this file again and are to find the folder of the first time.
process.env.DUNDUN_TEST_DATA ??= mkdtempSync(join(tmpdir(), 'dundun-console-'));

export default defineConfig({
  testDir: '.',
  outputDir: join(root, 'target/console-tests'),
  // The walk of a first user, what an administrator sets up and writes, and after both every page with the data that they have left.
  projects: [
    { name: 'journey', testMatch: 'journey.spec.ts' },
    { name: 'setup', testMatch: ['setup.spec.ts', 'writing.spec.ts'], dependencies: ['journey'] },
    { name: 'pages', testMatch: 'pages.spec.ts', dependencies: ['setup'] },
  ],
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./failures.ts']],
  use: {
    channel: undefined,
    launchOptions: {
      executablePath: process.env.DUNDUN_TEST_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 30_000,
    viewport: { width: 1360, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  webServer: {
    command: 'exec target/debug/dundun',
    cwd: root,
    // The gateway of the tests is on this machine.
    env: { DUNDUN_PORT: '0', DUNDUN_AWS_PORT: '0', DUNDUN_DATA: process.env.DUNDUN_TEST_DATA, DUNDUN_ALLOW_HOSTS: '127.0.0.1' },
    wait: { stdout: /API and console\s+(?<dundun_test_api>http\S+)/ },
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
  },
  globalTeardown: './teardown.ts',
});
