/**
 * The Dockerfile's steps, one after the other in plain folders: what it copies is there, what it runs succeeds, and what
 * it starts works for the user that it names. Only the base images are taken on trust, since nothing here can fetch them.
 */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagesMissing, titled } from '../../testing/requirements.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const NOBODY = 65_534;

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly steps: readonly (readonly [instruction: string, rest: string])[];
}

const stages = parse(readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8'));

function parse(text: string): Stage[] {
  const found: { name: string; base: string; steps: [string, string][] }[] = [];
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') {
      const [base = '', , name = ''] = rest.split(' ');
      found.push({ name, base, steps: [] });
    } else if (instruction !== '') found.at(-1)?.steps.push([instruction, rest]);
  }
  return found;
}

/** A stage's file system as far as its steps write to it. */
class Image {
  readonly folder: string;
  readonly #images: ReadonlyMap<string, Image>;
  workdir = '/';
  user = '0:0';
  entrypoint: readonly string[] = [];
  readonly env = new Map<string, string>();
  readonly packages: string[] = [];

  constructor(folder: string, images: ReadonlyMap<string, Image>) {
    this.folder = folder;
    this.#images = images;
  }

  inside(path: string): string {
    return join(this.folder, resolve(this.workdir, path));
  }

  async step(instruction: string, rest: string): Promise<void> {
    switch (instruction) {
      case 'WORKDIR':
        this.workdir = resolve(this.workdir, rest);
        mkdirSync(this.inside('.'), { recursive: true });
        return;
      case 'COPY':
        return this.#copy(rest);
      case 'RUN':
        return this.#run(rest);
      case 'USER':
        this.user = rest;
        return;
      case 'ENV': {
        const [name = '', value = ''] = rest.split(/=(.*)/s);
        this.env.set(name, value);
        return;
      }
      case 'ENTRYPOINT':
        this.entrypoint = rest.match(/[^",[\] ]+/g) ?? [];
        return;
      case 'CMD':
        return;
      default:
        throw new Error(`no such step here: ${instruction}`);
    }
  }

  #copy(rest: string): void {
    const words = rest.split(' ');
    const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
    const to = words.pop() ?? '';
    for (const path of words) {
      const source = from === undefined ? join(ROOT, path) : (this.#images.get(from)?.inside(path) ?? '');
      const single = !to.endsWith('/') && words.length === 1 && path !== '.';
      const target = single
        ? this.inside(to)
        : statSync(source).isDirectory()
          ? this.inside(to)
          : join(this.inside(to), basename(path));
      const left = new Set(from === undefined ? ignored() : []);
      cpSync(source, target, { recursive: true, verbatimSymlinks: true, filter: file => !left.has(file) });
    }
  }

  async #run(command: string): Promise<void> {
    if (command.startsWith('apt-get')) {
      // The machine's own packages are what the image's are: a test must not install some.
      this.packages.push(...(/apt-get install ((?:-\S+ )*)([^&]+)/.exec(command)?.[2]?.trim().split(' ') ?? []));
      return;
    }
    // The project's Node.js is the image's.
    const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
    const env = { ...process.env, PATH: path, NODE_ENV: '', ...Object.fromEntries(this.env) };
    await run('sh', ['-c', command], { cwd: this.inside('.'), env });
  }
}

function ignored(): string[] {
  const names = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  return names.map(name => join(ROOT, name));
}

const images = new Map<string, Image>();
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'switchboard-image-'));
  chmodSync(work, 0o755);
  for (const { name, base, steps } of stages) {
    const image = new Image(join(work, name), images);
    const under = images.get(base);
    if (under !== undefined) {
      cpSync(under.folder, image.folder, { recursive: true, verbatimSymlinks: true });
      Object.assign(image, { workdir: under.workdir, user: under.user, entrypoint: under.entrypoint });
    }
    for (const [instruction, rest] of steps) await image.step(instruction, rest);
    images.set(name, image);
  }
}, 300_000);
afterAll(() => rm(work, { recursive: true, force: true }));

function imageOf(name: string): Image {
  const image = images.get(name);
  if (image === undefined) throw new Error(`no stage ${name}`);
  return image;
}

/** Starts what the image starts, as the user that it names. */
function start(name: string, ...argv: string[]): string {
  const image = imageOf(name);
  const [program = '', ...fixed] = image.entrypoint;
  expect(program).toBe('node');
  const [uid, gid] = image.user.split(':').map(Number);
  const args = fixed.map(word => (word.startsWith('/') ? join(image.folder, word) : word));
  const root = process.getuid?.() === 0;
  return execFileSync(process.execPath, [...args, ...argv], {
    encoding: 'utf8',
    cwd: '/',
    env: { PATH: dirname(process.execPath), ...Object.fromEntries(image.env) },
    ...(root ? { uid, gid } : {}),
  });
}

describe('deploy/Dockerfile', () => {
  test('the image for commands runs as nobody, and its program starts', () => {
    expect(imageOf('cli').user).toBe(`${NOBODY}:${NOBODY}`);
    expect(start('cli', 'version')).toMatch(/^switchboard 0\.1\.0/);
  });

  test('it reads manifests: a file that is mounted', () => {
    const manifest = join(work, 'web.yaml');
    cpSync(join(ROOT, 'examples/shop/web.yaml'), manifest);
    expect(start('cli', 'get', 'services', '-f', manifest, '-o', 'name')).toContain('web');
  });

  test('the image for nodes runs as root, with what keeps it small', () => {
    expect(imageOf('node').user).toBe('0:0');
    expect(Object.fromEntries(imageOf('node').env)).toEqual({ NODE_OPTIONS: '--max-semi-space-size=4' });
    expect(start('node', 'node', '--help')).toContain('KubeProxyConfiguration');
  });

  const noPackage = packagesMissing('libnftables1');
  test.skipIf(noPackage !== undefined)(titled('its packages are ones that Debian has', noPackage), () => {
    expect(imageOf('node').packages).toEqual(['libnftables1']);
    const listed = execFileSync('dpkg-query', ['-W', ...imageOf('node').packages], { encoding: 'utf8' });
    expect(listed).toMatch(/^libnftables1/);
  });

  test('neither tests nor tools for development are in it', () => {
    for (const name of ['cli', 'node']) {
      expect(readdirSync(imageOf(name).inside('.')).sort(), name).toEqual(['dist', 'node_modules', 'package.json']);
      for (const tool of ['typescript', 'vitest', '@biomejs/biome']) {
        expect(existsSync(join(imageOf(name).inside('node_modules'), tool)), tool).toBe(false);
      }
    }
  });
});
