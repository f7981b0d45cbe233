import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swb-podman-service-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.skipIf(process.platform === 'win32')('a Podman that ends at once is reported, and nobody waits for it', () => {
  writeFileSync(join(folder, 'podman'), '#!/bin/sh\necho no subordinate ids >&2\nexit 125\n', { mode: 0o755 });
  const script = `
    import { PodmanService } from ${JSON.stringify(join(import.meta.dirname, 'podman-service.ts'))};
    const env = { ...process.env, XDG_RUNTIME_DIR: ${JSON.stringify(folder)} };
    await PodmanService.start(${JSON.stringify(join(folder, 'podman'))}, { env }).catch(({ message }) => console.log(message));`;
  // Throws if the process does not end by itself: Podman has 20 s to answer.
  const options = { timeout: 10_000, encoding: 'utf8' } as const;
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], options)).toBe(
    'podman system service does not start: no subordinate ids\n',
  );
  expect(readdirSync(folder)).toEqual(['podman']);
});
