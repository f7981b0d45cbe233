/**
 * Turns the faults that `kube/read` found into findings of the rule that explains each fault, or of R00 if none does.
 *
 * @module
 */
import type { PlacedFault } from '../../kube/manifest/index.ts';
import type { Problem } from '../finding.ts';
import type { Rule } from '../rule.ts';

type FaultRule = 'R00' | 'R09' | 'R18' | 'R19' | 'R20' | 'R21' | 'R26' | 'R64';

const NAMED_PORT = /(?:ports\[\d+\]\.name|targetPort|(?:httpGet|tcpSocket)\.port)$/;

const CLASSES: readonly [rule: FaultRule, test: (fault: PlacedFault) => boolean][] = [
  ['R09', ({ field, why }) => field.endsWith('template.metadata.labels') && why.startsWith('the selector')],
  ['R18', ({ field, why }) => NAMED_PORT.test(field) && why.includes('is text, so it is read as the name')],
  ['R20', ({ field, why }) => field.endsWith('.name') && why.startsWith('the port has no name')],
  ['R21', ({ field, why }) => /ports\[\d+\](\.name)?$/.test(field) && why.startsWith('another port')],
  ['R26', ({ field }) => field.endsWith('.hostPort')],
  ['R64', ({ field }) => field.endsWith('.nodePort')],
  ['R19', ({ field, why }) => NAMED_PORT.test(field) && why.startsWith('"')],
];

export function ruleOfFault(fault: PlacedFault): FaultRule {
  return CLASSES.find(([, test]) => test(fault))?.[0] ?? 'R00';
}

export function faultRule(id: FaultRule, title: string): Rule {
  return {
    id,
    title,
    confidence: 'certain',
    *check(context): Generator<Problem> {
      for (const { fault, subject } of context.inventory.faults) {
        if (fault.object === '' || ruleOfFault(fault) !== id) continue;
        yield { subject, field: fault.field, message: messageOf(fault), fix: fixOf(fault, id) };
      }
    },
  };
}

function messageOf(fault: PlacedFault): string {
  return `The API rejects this object: ${fault.why}.`;
}

function fixOf(fault: PlacedFault, id: FaultRule): string {
  const name = id === 'R19' ? suggestion(fault.why) : undefined;
  return name === undefined ? `${capital(fault.fix)}.` : `Choose another name, for instance "${name}".`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns a valid port name, made of the invalid one that the fault's message starts with. */
function suggestion(why: string): string | undefined {
  const quoted = /^"((?:[^"\\])*)"/.exec(why)?.[1];
  if (quoted === undefined) return undefined;
  const words = quoted
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const name = words.slice(0, 15).replaceAll(/^-+|-+$/g, '');
  return /[a-z]/.test(name) ? name : `port-${name}`.replace(/-$/, '');
}
