import { escapeControls } from '../data/index.ts';
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

/** Renders the explanation for 80 columns: hops, cause, fix. */
export function renderExplanation(explanation: Explanation): string {
  const lines = [`${explanation.target}: ${verdictText(explanation)}`, ''];
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

function verdictText({ verdict, confidence, hops }: Explanation): string {
  if (verdict !== 'unknown') return `${verdict} (${confidence})`;
  const endpoints = hops.find(({ hop }) => hop === 'endpoints');
  return endpoints?.state === 'unknown' ? 'correct on paper' : 'cannot be determined';
}

/** Breaks text between words and indents later lines to the start of the text. Escapes its control characters. */
function wrap(head: string, text: string): string[] {
  const lines: string[] = [];
  let line = head;
  let empty = true;
  for (const word of escapeControls(text).split(' ')) {
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
  const numbers = [...new Set(route.endpoints.map(endpoint => endpoint.port))].join(', ') || 'unknown';
  const nodePorts =
    route.kind === 'proxied'
      ? route.frontends.flatMap(f => (f.kind === 'nodePort' ? [f.port ?? 'allocated by the cluster'] : []))
      : [];
  const named =
    typeof route.targetPort === 'string'
      ? `"${route.targetPort}", a name: ${numbers} in these pods`
      : `${route.targetPort}`;
  return `
  The five numbers of ${route.service}${route.portName === '' ? '' : `:${route.portName}`}

    client --> port ${route.port} --> [Service] --> targetPort ${route.targetPort} --> [pod]
  ${nodePorts.length === 0 ? '' : `  client --> nodePort ${nodePorts.join(', ')} on a node --> the same Service\n  `}
    port           ${route.port}: the port that clients of the Service dial
    targetPort     ${named}: the port on which the pod's process listens
    containerPort  documents a port; opens and closes nothing; only its name matters
    nodePort       ${nodePorts.length === 0 ? 'none: the type is not NodePort or LoadBalancer' : nodePorts.join(', ')}
    hostPort       opens a port of the node for one pod, without the Service
`;
}
