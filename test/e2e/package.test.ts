/** The package as it is published: packed, installed in an empty folder, and used from there. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceTo } from '../support/cli.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The Kubernetes client is most of both: kubeconfigs, exec plugins, OIDC and proxies are not ours to write. */
const MAX_PACKAGES = 60;
const MAX_BYTES = 18 * 1048576;

let folder: string;
/** Where the package is installed. */
let app: string;
let tarball: string;

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm test` tells its scripts would tell an npm in another folder the wrong things. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_(registry|cache))|INIT_CWD)/i.test(name),
  );
  const path = [join(app, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
}

function run(program: string, args: readonly string[], cwd = app, stdin = ''): Promise<Output> {
  return new Promise((done, fail) => {
    const child = execFile(program, args, { cwd, env: environment() }, (error, stdout, stderr) => {
      if (error === null) done({ stdout, stderr });
      else fail(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-package-'));
  app = join(folder, 'app');
  await mkdir(app);
  // dist stands already when the tests run, and other tests use it at this moment: no script may build it again.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const [file] = (await readdir(folder)).filter(name => name.endsWith('.tgz'));
  tarball = join(folder, file ?? '');
  await writeFile(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  await run('npm', ['install', tarball, '--no-audit', '--no-fund', '--prefer-offline']);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('holds what is needed to use it, and neither sources nor tests', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const files = stdout
      .trim()
      .split('\n')
      .map(file => file.replace(/^package\//, ''));
    expect(files).toEqual(
      expect.arrayContaining(['package.json', 'dist/cli/main.js', 'dist/index.js', 'dist/index.d.ts']),
    );
    expect(files.filter(file => /^(src|test|bench|scripts)\/|\.test\./.test(file))).toEqual([]);
    expect(files.filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  });

  test('is small with all that it needs', async () => {
    const installed: unknown = JSON.parse(await readFile(join(app, 'node_modules/.package-lock.json'), 'utf8'));
    const packages =
      typeof installed === 'object' && installed !== null && 'packages' in installed ? installed.packages : {};
    expect(Object.keys(packages ?? {}).length).toBeLessThanOrEqual(MAX_PACKAGES);
    let bytes = 0;
    for (const entry of await readdir(join(app, 'node_modules'), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
    }
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });

  test('runs no script when it is installed', async () => {
    const text = await readFile(join(app, 'node_modules/kube-switchboard/package.json'), 'utf8');
    expect(text).not.toMatch(/"(pre|post)?install"/);
  });
});

describe('installed, it is', () => {
  test('the command switchboard', async () => {
    const { version } = await packageJson();
    expect((await run('switchboard', ['version'])).stdout).toMatch(`switchboard ${version} (node `);
  });

  test('the command kubectl-switchboard', async () => {
    const stdin = serviceTo('web', 80, 8080);
    const { stdout } = await run('kubectl-switchboard', ['get', 'routes', '-f', '-'], app, stdin);
    expect(stdout).toMatch(/^default\/web +ClusterIP .* 80 \(http\) -> 8080 +1\/1 +Ready/m);
  });

  test('a plugin of kubectl', async () => {
    const { version, bin } = await packageJson();
    expect(Object.keys(bin)).toContain('kubectl-switchboard');
    const hasKubectl = await run('kubectl', ['version', '--client']).then(
      () => true,
      () => false,
    );
    if (hasKubectl)
      expect((await run('kubectl', ['switchboard', 'version'])).stdout).toMatch(`switchboard ${version} `);
  });

  test('a library', async () => {
    await writeFile(join(app, 'manifest.yaml'), serviceTo('web', 80, 8080));
    await writeFile(
      join(app, 'use.js'),
      `import { readFileSync } from 'node:fs';
import { parseManifest, RouteTable, routeState, World } from 'kube-switchboard';

const { objects, faults } = parseManifest(readFileSync('manifest.yaml', 'utf8'));
const world = new World();
const table = new RouteTable(world.store);
table.update(world.apply(objects.map(({ object }) => ({ type: 'set', object }))));
const routes = [...table.routes()].map(route => [route.key, routeState(route).state, route.endpoints[0].address]);
console.log(JSON.stringify({ faults, routes }));
`,
    );
    const { stdout, stderr } = await run('node', ['use.js']);
    expect({ said: JSON.parse(stdout), stderr }).toEqual({
      said: { faults: [], routes: [['default/web:http/TCP/IPv4', 'Ready', '127.0.0.1']] },
      stderr: '',
    });
  });

  test('a library with types', async () => {
    const right = `import { ERROR_CODES, type ErrorCode, parseManifest, type Route, RouteTable, routeState, World } from 'kube-switchboard';

const { objects } = parseManifest('', { defaultNamespace: 'shop' });
const world = new World();
const table = new RouteTable(world.store);
table.update(world.apply(objects.map(({ object }) => ({ type: 'set', object }) as const)));
const routes: readonly Route[] = [...table.routes()];
export const states: string[] = routes.map(route => routeState(route).state);
export const codes: Readonly<Record<ErrorCode, string>> = ERROR_CODES;
`;
    await writeFile(join(app, 'right.ts'), right);
    await writeFile(join(app, 'wrong.ts'), right.replace('routeState(route).state', 'routeState(route).stat'));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', ''];
    const compile = (file: string) => run(join(ROOT, 'node_modules/.bin/tsc'), [...options, file]);
    expect((await compile('right.ts')).stdout).toBe('');
    await expect(compile('wrong.ts')).rejects.toThrow(/'stat' does not exist/);
  });

  test('one entry only: what is inside is nobody elses', async () => {
    await writeFile(join(app, 'inside.js'), "import 'kube-switchboard/dist/store/index.js';\n");
    await expect(run('node', ['inside.js'])).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });
});

async function packageJson(): Promise<{ version: string; bin: Readonly<Record<string, string>> }> {
  const { default: data } = await import('../../package.json', { with: { type: 'json' } });
  return data;
}
