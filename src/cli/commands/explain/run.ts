import { readFile } from 'node:fs/promises';
import { messageOf, SwitchboardError } from '../../../errors.ts';
import {
  answerDial,
  dialledListeners,
  type ExplainInput,
  explainRoute,
  findRoutes,
  parseDial,
  parseDials,
  parseTarget,
  renderExplanation,
  renderTeaching,
  withProbes,
} from '../../../explain/index.ts';
import type { ObjectEvent } from '../../../kube/index.ts';
import { assumeRunning } from '../../../pods/index.ts';
import type { EndpointProbe, ProbeTarget } from '../../../probe/index.ts';
import { PacketTracer, type Route, RouteTable, type TracedNode } from '../../../routing/index.ts';
import { World } from '../../../world/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { loadEvaluated } from '../../load.ts';
import { nodeFacts } from '../../node-facts.ts';
import { message, print } from '../../terminal.ts';
import { routeName } from '../../views/routes.ts';
import type { ExplainFlags } from './flags.ts';

/** @returns 1 if the target is not reached. @throws what `loadInput` throws; SWB_USAGE, SWB_NOT_FOUND */
export async function explain(target: string | undefined, flags: ExplainFlags): Promise<number> {
  const isTrace = flags.to !== undefined || flags.from !== undefined || flags.dials !== undefined;
  if (!isTrace && target === undefined) {
    throw new SwitchboardError('SWB_USAGE', 'no target: name one, such as svc/web:80, or use --from and --to');
  }
  // Read before the inputs: only one of the two can be standard input.
  const dials = flags.dials === undefined ? undefined : parseDials(await readDials(flags.dials));
  const { events: loaded, listenersOf: listening, pid } = await loadEvaluated(flags);
  if (!isTrace) {
    const { events, assumed } = assumeRunning(loaded);
    const { table, node } = evaluate(events, flags);
    const input = { store: table.store, assumed, ...(listening === undefined ? {} : { listening }) };
    return explainTarget(target ?? '', table, node, input, { ...flags, pid });
  }
  const { table, node } = evaluate(loaded, flags);
  const tracer = new PacketTracer(table.routes(), node);
  const answers = (dials ?? [parseDial(flags.from, flags.to)]).map(dial => answerDial(tracer, dial));
  const text = JSON.stringify(flags.dials === undefined ? answers[0] : answers, null, 2);
  print(`${text}\n`);
  return EXIT.fine;
}

function evaluate(events: readonly ObjectEvent[], flags: ExplainFlags): { table: RouteTable; node: TracedNode } {
  const objects = events.flatMap(event => (event.type === 'set' ? [event.object] : []));
  const { context, dial } = nodeFacts(flags, objects);
  const world = new World();
  const table = new RouteTable(world.store, context);
  table.update(world.apply(events));
  return { table, node: dial };
}

async function explainTarget(
  text: string,
  table: RouteTable,
  node: TracedNode,
  input: ExplainInput,
  flags: ExplainFlags & { readonly pid: number | undefined },
): Promise<number> {
  const nodes = new Set([...table.store.nodes()].map(each => each.meta.name));
  const scope = { table, node, ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }) };
  const target = parseTarget(text, nodes);
  const routes = findRoutes(target, scope);
  const { listening } = input;
  const dialled =
    listening === undefined ? {} : { listening: (route: Route) => dialledListeners(target, listening(route)) };
  const explanations = await Promise.all(
    routes.map(async route => {
      const explanation = explainRoute(route, routeName(route), { ...input, ...dialled });
      return withProbes(explanation, await probe(route, input.assumed, flags));
    }),
  );
  if (flags.output === 'json') {
    print(
      `${JSON.stringify({ apiVersion: 'switchboard/v1', kind: 'ExplanationList', items: explanations }, null, 2)}\n`,
    );
  } else if (flags.patch) {
    for (const { fix, target } of explanations) {
      if (fix?.patch === undefined) message(`note: ${target}: ${fix?.text ?? 'nothing to patch'}`);
      else print(`${JSON.stringify(fix.patch)}\n`);
      if (fix?.patch !== undefined) message(`note: for ${fix.object}: kubectl patch ... --type=json -p '...'`);
    }
  } else {
    print(explanations.map(renderExplanation).join('\n'));
    if (flags.teach) print(routes.map(renderTeaching).join(''));
  }
  return explanations.some(e => e.verdict === 'does not reach') ? EXIT.finding : EXIT.fine;
}

/**
 * Probes ready endpoints on this machine; with --probe safe those elsewhere, too; never those of assumed pods. A running
 * `up` probes those in the network of its pods.
 */
async function probe(
  route: Route,
  assumed: ReadonlySet<string>,
  flags: ExplainFlags & { readonly pid: number | undefined },
): Promise<EndpointProbe[]> {
  if (flags.probe === 'none') return [];
  const real = route.endpoints.filter(
    ({ ready, targetRef: ref }) => ready && !(ref !== undefined && assumed.has(`${ref.namespace}/${ref.name}`)),
  );
  const { isOwnAddress, probeEndpoints } = await import('../../../probe/index.ts');
  const isOwn = ({ address }: ProbeTarget): boolean => isOwnAddress(address);
  const targets = real.map(({ address, port }) => ({ address, port, protocol: route.protocol }));
  const [own, away] = [targets.filter(isOwn), targets.filter(target => !isOwn(target))];
  const byUp = flags.pid === undefined ? [] : await probeByUp(flags.pid, away);
  const others = flags.probe === 'safe' && byUp.length === 0 ? away : [];
  return [...byUp, ...(await probeEndpoints([...own, ...others]))];
}

/** The probes of a running `up` of endpoints that are its pods; none if it cannot tell. */
async function probeByUp(pid: number, targets: readonly ProbeTarget[]): Promise<EndpointProbe[]> {
  if (targets.length === 0) return [];
  const { askRunning } = await import('../../../admin/index.ts');
  const { isEndpointProbes } = await import('../../../probe/index.ts');
  const answer = await askRunning(pid, 'probe', targets);
  return isEndpointProbes(answer) ? answer : [];
}

async function readDials(path: string): Promise<string> {
  try {
    if (path !== '-') return await readFile(path, 'utf8');
    const parts: Buffer[] = [];
    for await (const part of process.stdin) parts.push(Buffer.from(part));
    return Buffer.concat(parts).toString('utf8');
  } catch (cause) {
    throw new SwitchboardError('SWB_INPUT_NOT_FOUND', `cannot read --dials ${path}: ${messageOf(cause)}`, { cause });
  }
}
