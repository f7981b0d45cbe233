import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isRecord, parseJson } from '../../data/index.ts';
import { type Engine, type PullProgress, type TarEntry, tarChunks } from '../../engine/index.ts';
import { packageVersion } from '../../version.ts';
import { APP, packageFiles, packageFolder } from './package-files.ts';
import { NODE, rootFiles, SLEEP } from './root-files.ts';

export interface GatewayImageOptions {
  /** The user's own; undefined: made from this program. */
  readonly image: string | undefined;
  /** Tells what takes its time. */
  readonly report: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** What an image for gateways is, and where it has what it needs. */
export interface GatewayImage {
  readonly reference: string;
  readonly node: string;
  readonly sleep: string;
}

const NAME = 'kube-switchboard-gateway';
/** Has Node at another place than an image that is made from this machine's. */
const BASE = 'node:24-bookworm-slim';

/** Makes an image for gateways present in the engine. @throws SWB_IMAGE, SWB_ENGINE, SWB_GATEWAY */
export async function gatewayImage(engine: Engine, options: GatewayImageOptions): Promise<GatewayImage> {
  const { image, report, signal } = options;
  if (image !== undefined) {
    const onProgress = once((_progress: PullProgress) => report(`pulling ${image}`));
    await engine.images.ensure(image, { onProgress, signal });
    return { reference: image, node: 'node', sleep: 'sleep' };
  }
  const isOwn = process.platform === 'linux' && engine.facts.architecture === architecture();
  const places = isOwn ? { node: NODE, sleep: SLEEP } : { node: 'node', sleep: 'sleep' };
  const entries = isOwn ? await rootFiles() : [...packageFiles()];
  const reference = `${NAME}:${packageVersion()}-${hashOf(entries)}`;
  if ((await engine.images.inspect(reference, { signal })) !== undefined) return { reference, ...places };
  if (isOwn) {
    report(`making the image ${reference} for the gateway of the pods, once`);
    await engine.images.import(reference, Readable.from(tarChunks(entries), { objectMode: false }), { signal });
  } else {
    report(`building the image ${reference} for the gateway of the pods from ${BASE}, once`);
    await build(engine, reference, entries, signal);
  }
  return { reference, ...places };
}

function architecture(): string {
  return { x64: 'amd64', arm64: 'arm64' }[process.arch.toString()] ?? process.arch;
}

/** Another program, another Node or another library is another image. */
function hashOf(entries: readonly TarEntry[]): string {
  const hash = createHash('sha256');
  for (const entry of entries) {
    hash.update(`${entry.path} ${entry.mode} ${entry.kind === 'stream' ? entry.size : ''} `);
    // Reading Node and the libraries would take longer than all else; their sizes tell their versions apart.
    if (entry.path.startsWith(`${APP}/dist/`))
      hash.update(readFileSync(join(packageFolder(), entry.path.slice(APP.length))));
  }
  return hash.digest('hex').slice(0, 12);
}

/** For engines elsewhere, such as in a virtual machine: Node and libraries come from registries. */
async function build(
  engine: Engine,
  tag: string,
  entries: readonly TarEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-image-'));
  try {
    for (const entry of entries) {
      if (entry.kind !== 'stream' || entry.path.includes('/node_modules/')) continue;
      const to = join(folder, entry.path);
      await mkdir(dirname(to), { recursive: true });
      await pipeline(entry.open(), createWriteStream(to));
    }
    await writeFile(join(folder, 'Dockerfile'), dockerfile());
    await engine.images.build(folder, { tag, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function dockerfile(): string {
  const manifest = parseJson(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));
  const all = isRecord(manifest) && isRecord(manifest.dependencies) ? manifest.dependencies : {};
  const wanted = ['ipaddr.js', 'koffi'].map(name => `${name}@${all[name] ?? 'latest'}`);
  return [
    `FROM ${BASE}`,
    `RUN cd /tmp && npm install --omit=dev --prefix /switchboard ${wanted.join(' ')} && mkdir -p /volumes`,
    'COPY switchboard /switchboard',
    '',
  ].join('\n');
}

function once<T>(act: (value: T) => void): (value: T) => void {
  let done = false;
  return value => {
    if (!done) act(value);
    done = true;
  };
}
