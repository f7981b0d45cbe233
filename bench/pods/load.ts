/**
 * The load of `bench/pods`: requests on kept connections, new connections, bulk. Run as a program, it is the client pod: it
 * dials the Service and the pod behind it in turns and prints medians.
 */
import { resolve4 } from 'node:dns/promises';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { isRecord } from '../../src/data/index.ts';
import { median } from '../../testing/statistics.ts';

export const LOADS = ['requests', 'connections', 'bulk'] as const;
export type Load = (typeof LOADS)[number];

/** Per second: requests, connections; bulk in Gbit/s. */
export type LoadReport = Readonly<Record<Load, { readonly service: number; readonly direct: number }>>;

export function isLoad(value: unknown): value is LoadReport {
  if (!isRecord(value)) return false;
  return LOADS.every(kind => {
    const one = value[kind];
    return isRecord(one) && typeof one.service === 'number' && typeof one.direct === 'number';
  });
}

const CONCURRENCY = 16;

export async function measure(kind: Load, place: string, seconds: number): Promise<number> {
  const [host = '', port = ''] = place.split(':');
  const end = performance.now() + seconds * 1_000;
  if (kind === 'bulk') return bulk(host, Number(port), seconds);
  const agent = new Agent({ keepAlive: kind === 'requests', maxSockets: CONCURRENCY });
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      await ask(host, Number(port), agent);
      done++;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  agent.destroy();
  return done / seconds;
}

function ask(host: string, port: number, agent: Agent): Promise<void> {
  return new Promise((done, fail) => {
    get({ host, port, agent, path: '/' }, response => {
      response.resume();
      response.on('end', done);
    }).on('error', fail);
  });
}

function bulk(host: string, port: number, seconds: number): Promise<number> {
  return new Promise((done, fail) => {
    let bytes = 0;
    const buffer = Buffer.allocUnsafe(256 * 1024);
    const callback = (length: number): boolean => {
      bytes += length;
      return true;
    };
    const socket = connect({ host, port, onread: { buffer, callback } });
    socket.on('error', fail);
    setTimeout(() => {
      socket.destroy();
      done((bytes * 8) / seconds / 1e9);
    }, seconds * 1_000);
  });
}

if (process.argv[1] === import.meta.filename) {
  const [rounds = 3, seconds = 2] = process.argv.slice(2).map(Number);
  const service = process.env.WEB_SERVICE_HOST ?? '';
  // The name of a pod: the server prints no address of its own.
  const direct = await podAddress(service);
  const found = Object.fromEntries(LOADS.map(kind => [kind, { service: [] as number[], direct: [] as number[] }]));
  // A first round warms the client up.
  for (const kind of LOADS) await measure(kind, kind === 'bulk' ? `${service}:81` : `${service}:80`, seconds);
  for (let round = 0; round < rounds; round++) {
    for (const kind of LOADS) {
      const [own, target] = kind === 'bulk' ? [81, 8081] : [80, 8080];
      found[kind]?.service.push(await measure(kind, `${service}:${own}`, seconds));
      found[kind]?.direct.push(await measure(kind, `${direct}:${target}`, seconds));
    }
  }
  const medians = Object.entries(found).map(([kind, values]) => [
    kind,
    { service: median(values.service), direct: median(values.direct) },
  ]);
  process.stdout.write(`LOAD ${JSON.stringify(Object.fromEntries(medians))}\n`);
}

/** Waits until the Service answers, and finds the pod behind it by the names of its endpoints. */
async function podAddress(service: string): Promise<string> {
  for (;;) {
    const open = await new Promise<boolean>(done => {
      const socket = connect(80, service);
      socket.on('connect', () => {
        socket.destroy();
        done(true);
      });
      socket.on('error', () => done(false));
    });
    if (open) break;
  }
  const [address = ''] = await resolve4('pods.default.svc.cluster.local');
  return address;
}
