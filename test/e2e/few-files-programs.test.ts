/** Programs that cannot be started for want of files: an error for the caller, and not the end of this process. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Uses up the files, calls what starts a program, and prints how that ends. */
const script = (module: string, prepare: string, call: string): string => `
import { openSync } from 'node:fs';
const it = await import(${JSON.stringify(new URL(`../../src/${module}`, import.meta.url).href)});
const prepared = ${prepare};
try { for (;;) openSync('/dev/null'); } catch {}
await (${call}).then(() => console.log('started'), error => console.log('rejected: ' + error.message));
`;

test.runIf(process.platform === 'linux').each([
  ['the router of the pods', 'gateway/inside/programs.ts', '', `it.runProgram(['true'], '')`],
  ['the network of a pod', 'gateway/inside/pod-namespace.ts', '', `it.PodNamespace.open('web', '10.244.0.1', 'pod1')`],
  [
    'an exec plugin',
    'sources/cluster/plugin-process.ts',
    `{ env: {}, maxBytes: 9 }`,
    `it.runPlugin({ command: 'true', args: [], ...prepared })`,
  ],
  ['the nft program', 'planes/nftables/nft/program.ts', `it.openProgram('true')`, `prepared.run('')`],
  [
    'a helper of credentials',
    'engine/images/credential-helper.ts',
    '{ env: {} }',
    `it.askHelper('none', 'r', prepared).then(({ reason }) => Promise.reject(new Error(reason)))`,
  ],
  ['the service of Podman', 'engine/find/podman-service.ts', '{ env: {} }', `it.PodmanService.start('true', prepared)`],
  [
    'ssh to a remote engine',
    'engine/api/ssh-agent.ts',
    `new it.SshAgent('ssh://host')`,
    `new Promise((resolve, reject) => prepared.createConnection({}, error => (error ? reject(error) : resolve())))`,
  ],
])('%s', async (_what, module, prepare, call) => {
  const words = ['--no-warnings', '--input-type=module', '-e', script(module, prepare || 'undefined', call)];
  const { stdout, stderr } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -n 60; exec "$@"',
    'sh',
    process.execPath,
    ...words,
  ]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/rejected: .*EMFILE/);
});
