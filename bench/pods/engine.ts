/**
 * Pods as containers: how long ten take from the start of `up` until all are ready, beside the same containers that are started
 * through the engine's API alone, and the memory of `up` and of the gateway with 30 pods. Needs root, to start the engines.
 *
 *   node bench/pods/engine.ts             three rounds
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ContainerSpec, Engine } from '../../src/engine/index.ts';
import { buildBusybox, type EngineServer, engineKinds } from '../../testing/engines/index.ts';
import { median } from '../../testing/statistics.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const PODS = 10;
const MANY = 30;
const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
const IMAGE = 'bench-web:1';

function manifest(replicas: number): string {
  return `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: web, image: "${IMAGE}" }] }
`;
}

interface Figures {
  readonly ms: number;
  readonly memoryMb: { readonly up: number; readonly gateway: number };
}

/** Starts `up`, waits until all pods are ready, measures, and stops it. */
async function withUp(server: EngineServer, folder: string, replicas: number): Promise<Figures> {
  writeFileSync(join(folder, 'app.yaml'), manifest(replicas));
  const args = [
    process.execPath,
    MAIN,
    'up',
    '--run',
    '--no-dns',
    '--network',
    'engine',
    '-f',
    join(folder, 'app.yaml'),
  ];
  const [program = '', ...words] = server.enter(args);
  const env = { ...process.env, DOCKER_HOST: `unix://${server.socket}`, XDG_RUNTIME_DIR: folder, HOME: folder };
  const startedAt = performance.now();
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  await new Promise<void>((done, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes(`Ready ${replicas}/${replicas}`) || text.includes(` ${replicas}/${replicas} `)) done();
      });
    }
    child.once('exit', () => fail(new Error(text)));
  });
  const ms = performance.now() - startedAt;
  const memoryMb = {
    up: memoryOf(pidOf(MAIN)),
    gateway: memoryOf(pidOf('/switchboard/dist/gateway/container/main.js')),
  };
  child.removeAllListeners('exit');
  const ended = once(child, 'exit');
  process.kill(pidOf(MAIN), 'SIGINT');
  await ended;
  return { ms, memoryMb };
}

function pidOf(program: string): number {
  const found = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .find(line => /^\s*\d+ \S*node /.test(line) && line.includes(` ${program}`));
  return Number(found?.trim().split(' ')[0]);
}

/** Proportional, in MB: what is shared with others counts in part. */
function memoryOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1000);
}

/** The containers of the same pods, started through the API at once. */
async function withEngine(engine: Engine, replicas: number): Promise<number> {
  const { containers, networks } = engine;
  const network = await networks.createFree(['10.209.0.0/16'], { name: 'bench', labels: {} });
  const startedAt = performance.now();
  const ids = await Promise.all(
    Array.from({ length: replicas }, async (_, index) => {
      const sandbox: ContainerSpec = {
        ...{ name: `bench-${index}`, image: IMAGE, entrypoint: ['/bin/sleep', '1000'], cmd: [] },
        network: { kind: 'member', network: network.name },
        ipc: { kind: 'shareable' },
      };
      const { id } = await containers.create(sandbox);
      await containers.start(id);
      const join_ = { kind: 'join', container: id } as const;
      const main = await containers.create({ name: `bench-${index}-main`, image: IMAGE, network: join_, ipc: join_ });
      await containers.start(main.id);
      return [main.id, id];
    }),
  );
  const ms = performance.now() - startedAt;
  for (const [main = '', sandbox = ''] of ids) {
    await containers.remove(main);
    await containers.remove(sandbox);
  }
  await networks.remove(network.name);
  return ms;
}

console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}; ${ROUNDS} rounds, ${PODS} pods`);
for (const kind of engineKinds()) {
  if (kind.missing !== undefined) throw new Error(kind.missing);
  await using server = await kind.start();
  const engine = await Engine.open({ host: `unix://${server.socket}`, context: server.context });
  await buildBusybox(engine, IMAGE, ['CMD ["/bin/httpd", "-f", "-p", "8080", "-h", "/"]']);
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-bench-'));
  try {
    const first = await withUp(server, folder, 1);
    const rounds: { up: number; alone: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push({ up: (await withUp(server, folder, PODS)).ms, alone: await withEngine(engine, PODS) });
    }
    const up = median(rounds.map(each => each.up));
    const alone = median(rounds.map(each => each.alone));
    const { memoryMb } = await withUp(server, folder, MANY);
    console.log(`${kind.name} ${engine.facts.version}`);
    console.log(`  1 pod, image of the gateway included  ${(first.ms / 1000).toFixed(2)} s`);
    console.log(`  ${PODS} pods, from the start until ready    ${(up / 1000).toFixed(2)} s`);
    console.log(`  the same containers by the API alone  ${(alone / 1000).toFixed(2)} s`);
    console.log(`  more for each pod                     ${((up - alone) / PODS / 1000).toFixed(2)} s`);
    console.log(`  memory with ${MANY} pods                  up ${memoryMb.up} MB, gateway ${memoryMb.gateway} MB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await engine.close();
  }
}
