/**
 * Memory of `up` with many idle connections, each of which has exchanged a few bytes: `node bench/idle.ts [10000]`.
 * Needs a limit of open files of a little more than twice the connections: `ulimit -n 65536`.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { resolve } from 'node:path';

const COUNT = Number(process.argv[2] ?? 10_000);
const MAIN = resolve(import.meta.dirname, '../dist/cli/main.js');

const echo = createServer(socket => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.1.1');
await new Promise(done => echo.once('listening', done));
const target = echo.address();
const port = typeof target === 'object' && target !== null ? target.port : 0;
const manifest = `apiVersion: v1
kind: Service
metadata: { name: idle }
spec: { ports: [{ port: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: idle-1, labels: { kubernetes.io/service-name: idle } }
addressType: IPv4
ports: [{ port: ${port} }]
endpoints: [{ addresses: [127.0.1.1] }]
`;
const child = spawn(process.execPath, [MAIN, 'up', '-f', '-', '-o', 'jsonl'], { stdio: ['pipe', 'pipe', 'inherit'] });
child.stdin.end(manifest);
const line = await new Promise<string>(done => child.stdout.setEncoding('utf8').once('data', done));
const route = JSON.parse(line.split('\n')[0] ?? '') as { listeners: { address: string; port: number }[] };
const listener = route.listeners[0];
if (listener === undefined) throw new Error('nothing listens');

const memory = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
const before = memory();
const sockets: Socket[] = [];
for (let open = 0; open < COUNT; open += 200) {
  await Promise.all(Array.from({ length: Math.min(200, COUNT - open) }, () => talk(listener.address, listener.port)));
}
const after = memory();
console.log(
  `${sockets.length} idle connections: ${before.toFixed(0)} -> ${after.toFixed(0)} MiB, ${(((after - before) * 1024) / COUNT).toFixed(1)} KiB each`,
);
for (const socket of sockets) socket.destroy();
child.kill('SIGINT');
await new Promise(done => child.once('exit', done));
echo.close();

function talk(host: string, to: number): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect(to, host, () => socket.write('hello'));
    socket.once('data', () => {
      sockets.push(socket);
      done();
    });
    socket.once('error', fail);
  });
}
