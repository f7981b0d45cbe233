/**
 * An interactive lab: hosts as network namespaces with echo servers, and a shell on a client.
 *
 *     npm run lab -- up examples/lab.yaml
 *     npm run lab -- dial ADDRESS PORT [tcp|udp]     (in a lab's shell)
 *     npm run lab -- down                                 (removes what crashed labs left behind)
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dialAll } from '../testing/lab/dialling.ts';
import type { Host } from '../testing/lab/host.ts';
import { LAB_PREFIX, Lab } from '../testing/lab/lab.ts';
import { parseLabSpec } from '../testing/lab/spec.ts';
import { labMissing } from '../testing/lab/tools.ts';
import { removeLeftovers } from '../testing/namespaces.ts';

const PORTS = { tcp: [8080, 9090], udp: [5353] };
const TIMEOUT_MS = 2_000;

const [command, ...args] = process.argv.slice(2);
switch (command) {
  case 'up':
    await up(args[0] ?? 'examples/lab.yaml');
    break;
  case 'dial':
    await dial(args);
    break;
  case 'down':
    console.log(removeLeftovers(LAB_PREFIX).join('\n') || 'there was nothing to remove');
    break;
  default:
    console.error('npm run lab -- up [FILE] | dial ADDRESS PORT [tcp|udp] | down');
    process.exitCode = 2;
}

async function up(file: string): Promise<void> {
  const missing = labMissing();
  if (missing !== undefined) throw new Error(missing);
  const spec = parseLabSpec(readFileSync(file, 'utf8'));
  await using lab = await Lab.create(spec);
  const pods = spec.nodes.flatMap(node => Object.keys(node.pods));
  await Promise.all(pods.map(pod => lab.host(pod).serve(PORTS)));
  const at = lab.host(spec.clients[0]?.name ?? lab.node.name);
  console.log(introduction(lab, at));
  const folder = process.cwd();
  const shell = spawn('ip', ['netns', 'exec', at.namespace, process.env.SHELL ?? '/bin/sh'], {
    stdio: 'inherit',
    cwd: folder,
    env: { ...process.env, PS1: `${at.name}$ ` },
  });
  // Ctrl-C in the shell is for the shell; the lab ends when the shell exits.
  process.on('SIGINT', () => {});
  await once(shell, 'exit');
}

function introduction(lab: Lab, at: Host): string {
  const hosts = lab.hosts.map(host => {
    const addresses = host.addresses.join(' ');
    return `  ${host.name.padEnd(10)} ${addresses.padEnd(44)} ip netns exec ${host.namespace} ...`;
  });
  const pod = lab.hosts.find(host => lab.spec.nodes.some(node => Object.hasOwn(node.pods, host.name)));
  const script = resolve(process.argv[1] ?? 'scripts/lab.ts');
  const dialling = `${process.execPath} ${script} dial ${pod?.address() ?? 'ADDRESS'} ${PORTS.tcp[0]}`;
  return `
The lab is up; it has no route to the outside. Pods answer on TCP ${PORTS.tcp.join(', ')} and UDP ${PORTS.udp.join(', ')}
with their name, the dialled address and the source address that they saw.

${hosts.join('\n')}

To put a proxy on the node under test, run it there:
  ip netns exec ${lab.node.namespace} ...

This shell is on ${at.name}. Try this; \`exit\` removes the lab:
  ${dialling}
`;
}

async function dial([to = '', port = '', protocol = 'tcp']: readonly string[]): Promise<void> {
  const order = { to, port: Number(port), timeoutMs: TIMEOUT_MS } as const;
  const [answer] = await dialAll([{ ...order, protocol: protocol.toLowerCase() === 'udp' ? 'UDP' : 'TCP' }]);
  if (answer?.kind === 'answer') {
    console.log(
      `${answer.host} answered at ${answer.address} port ${answer.port}, and saw the source ${answer.source}`,
    );
  } else {
    console.log(answer?.kind === 'failed' ? answer.code : (answer?.kind ?? 'nothing'));
    process.exitCode = 1;
  }
}
