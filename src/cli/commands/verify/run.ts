import type { Kind } from '../../../kube/index.ts';
import { hostPort } from '../../../net/index.ts';
import type { Difference } from '../../../planes/nftables/index.ts';
import { RouteTable } from '../../../routing/index.ts';
import { World } from '../../../world/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { loadEvaluated } from '../../load.ts';
import { openNftables } from '../../nftables-plane.ts';
import { nodeFacts } from '../../node-facts.ts';
import { print } from '../../terminal.ts';
import type { VerifyFlags } from './flags.ts';

/** The kinds that the agent reads from a cluster, and so programs rules for. */
const PROGRAMMED: readonly Kind[] = ['Service', 'EndpointSlice', 'Node', 'ServiceCIDR'];

/** @returns 1 if anything differs. @throws what `loadInput` and `openNftables` throw */
export async function verify(flags: VerifyFlags): Promise<number> {
  const { events } = await loadEvaluated(flags, PROGRAMMED);
  const objects = events.flatMap(event => (event.type === 'set' ? [event.object] : []));
  const world = new World();
  const table = new RouteTable(world.store, nodeFacts(flags, objects).context);
  const changes = table.update(world.apply(events));
  const { plane } = await openNftables(flags, objects, { force: true, watchMs: 0 });
  const differences = await plane.verify(changes);
  await plane.close();
  const ports = changes.filter(({ route }) => route.kind === 'proxied').length;
  if (flags.output === 'json') print(`${JSON.stringify({ ports, differences }, null, 2)}\n`);
  else
    print(
      differences.length === 0
        ? `the rules of ${ports} Service port${ports === 1 ? '' : 's'} are correct\n`
        : text(differences),
    );
  return differences.length === 0 ? EXIT.fine : EXIT.finding;
}

function text(differences: readonly Difference[]): string {
  const lines = differences.map(({ route, where, what, expected, found }) => {
    const subject = route === undefined ? place(where) : `${name(route)} at ${place(where)}`;
    return `${subject}: ${WORDS[what] ?? what}\n  expected ${readable(expected)}\n  found    ${readable(found)}\n`;
  });
  const count = differences.length === 1 ? '1 difference' : `${differences.length} differences`;
  return `${lines.join('')}${count}; a running agent fixes them within a second\n`;
}

const WORDS: Readonly<Record<string, string>> = {
  traffic: 'traffic of clients',
  kind: 'masquerading',
  outside: 'traffic from outside the cluster',
  affinity: 'session affinity',
  sources: 'allowed source ranges',
};

/** `shop/web:http/TCP/IPv4` -> `shop/web:http`. */
function name(route: string): string {
  return route.replace(/\/TCP\/IPv4$/, '').replace(/:$/, '');
}

const PROTOCOLS: Readonly<Record<string, string>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };

/** `10.96.0.10 . 6 . 80` -> `10.96.0.10:80/TCP`, `6 . 30080` -> `node port 30080/TCP`. */
function place(where: string): string {
  const parts = where.split(' . ');
  const [first = '', second = '', third] = parts;
  if (parts.length === 3 && third !== undefined)
    return `${hostPort(first, Number(third))}/${PROTOCOLS[second] ?? second}`;
  if (parts.length === 2 && PROTOCOLS[first] !== undefined) return `node port ${second}/${PROTOCOLS[first]}`;
  return where;
}

/** `10.0.0.1 . 8080, 10.0.0.2 . 8080` -> `10.0.0.1:8080, 10.0.0.2:8080`. */
function readable(value: string): string {
  if (value === 'reject') return 'refused';
  if (value === 'drop') return 'dropped without an answer';
  return value.replace(/([0-9a-f.:]+) \. (\d+)/g, (_, address: string, port: string) =>
    hostPort(address, Number(port)),
  );
}
