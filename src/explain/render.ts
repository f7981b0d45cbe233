import type { Route } from '../routing/index.ts';
import type { Explanation, Hop } from './explanation.ts';

const MARKS: Readonly<Record<Hop['state'], string>> = {
  ok: 'ok',
  broken: 'BROKEN',
  warning: 'partly',
  unknown: 'unknown',
};
const NAMES: Readonly<Record<Hop['hop'], string>> = {
  client: 'client',
  service: 'Service port',
  selector: 'selector',
  targetPort: 'targetPort',
  endpoints: 'endpoints',
  process: 'process',
};

const WIDTH = 80;

/** The story as text, for a screen of 80 columns: hops, then why, then what to do. */
export function renderExplanation(explanation: Explanation): string {
  const lines = [`${explanation.target}: ${explanation.verdict} (${explanation.confidence})`, ''];
  for (const { hop, state, text, details } of explanation.hops) {
    lines.push(...wrap(`  ${NAMES[hop].padEnd(13)} ${MARKS[state].padEnd(8)} `, text));
    for (const detail of details) lines.push(...wrap(' '.repeat(25), detail));
  }
  if (explanation.cause !== undefined) lines.push('', ...wrap('  Why   ', explanation.cause));
  if (explanation.fix !== undefined) {
    const { object, field, text } = explanation.fix;
    const where = object === undefined ? '' : `${object}${field === undefined ? '' : `, ${field}`}: `;
    if (explanation.cause === undefined) lines.push('');
    lines.push(...wrap('  Fix   ', `${where}${text}`));
  }
  return `${lines.join('\n')}\n`;
}

/** Breaks text between words; later lines stand under the first one's beginning. */
function wrap(head: string, text: string): string[] {
  const lines: string[] = [];
  let line = head;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = ' '.repeat(head.length);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** The five numbers that people confuse, with the values of this Service port. */
export function renderTeaching(route: Route): string {
  const numbers = [...new Set(route.endpoints.map(endpoint => endpoint.port))].join(', ') || 'not known here';
  const nodePorts =
    route.kind === 'proxied'
      ? route.frontends.flatMap(f => (f.kind === 'nodePort' ? [f.port ?? 'allocated by the cluster'] : []))
      : [];
  const named =
    typeof route.targetPort === 'string'
      ? `"${route.targetPort}", a name: in these pods ${numbers}`
      : `${route.targetPort}`;
  return `
  The five numbers of ${route.service}${route.portName === '' ? '' : `:${route.portName}`}

    client --> port ${route.port} --> [Service] --> targetPort ${route.targetPort} --> [pod]
  ${nodePorts.length === 0 ? '' : `  client --> nodePort ${nodePorts.join(', ')} on a node --> the same Service\n  `}
    port           ${route.port}: what clients of the Service dial
    targetPort     ${named}: where the process in the pod listens
    containerPort  information, except for its name: it opens and closes nothing
    nodePort       ${nodePorts.length === 0 ? 'none: the type is not NodePort or LoadBalancer' : nodePorts.join(', ')}
    hostPort       a pod's own affair: it ties the pod to a node's port, past the Service
`;
}
