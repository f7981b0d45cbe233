/**
 * Compares what a real API server says of an object with what `readObject` says: whether it is accepted, which fields
 * are named, and what an accepted object means once its defaults are filled in.
 *
 * @module
 */
import { type Fault, type ReadOutcome, readObject } from '../../src/kube/read/index.ts';
import {
  type ApiResponse,
  type ControlPlane,
  type KubernetesVersion,
  selectedVersion,
} from '../../testing/control-plane/index.ts';

export interface Case {
  readonly name: string;
  readonly object: unknown;
}

export interface Finding {
  readonly field: string;
  readonly says: string;
}

/** An intended difference: only one side faults a field, and why that is right. */
export interface OnPurpose {
  readonly why: string;
  /** The side that faults the field. */
  readonly side: 'api' | 'ours';
  readonly field: RegExp;
  /** Matches the message, if the field alone would match too much. */
  readonly says?: RegExp;
  /** The versions of Kubernetes that differ. Default: all. */
  readonly kubernetes?: readonly KubernetesVersion[];
}

/** A field for which the API names a path that is not in the object; we name the one that is. */
export interface Renamed {
  readonly why: string;
  readonly api: RegExp;
  readonly says?: RegExp;
  /** `[*]` stands for the index that the API omits. */
  readonly ours: string;
  /** The versions of Kubernetes to which it applies. Default: all. */
  readonly kubernetes?: readonly KubernetesVersion[];
}

export interface Rules {
  readonly onPurpose: readonly OnPurpose[];
  readonly renamed: readonly Renamed[];
  /** The server checks these fields first, and reports no others while they are invalid. */
  readonly checkedFirst?: (finding: Finding) => boolean;
  /** The part of an accepted object that must be equal on both sides. */
  readonly meaning: (outcome: ReadOutcome) => unknown;
}

export interface Comparison {
  /** One message for each case that differs. */
  readonly differences: readonly string[];
  readonly accepted: number;
  readonly refused: number;
  /** The indices of the intended differences that occurred. */
  readonly used: ReadonlySet<OnPurpose | Renamed>;
}

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default', run: true } as const;
const AT_ONCE = 16;

/** The entries of a table that apply to the tested version of Kubernetes. */
export function applying<Entry extends OnPurpose | Renamed>(entries: readonly Entry[]): readonly Entry[] {
  const version = selectedVersion();
  return entries.filter(({ kubernetes }) => kubernetes?.includes(version) ?? true);
}

/** Sends every case as a dry-run create and compares. */
export async function compareAll(
  plane: Pick<ControlPlane, 'request'>,
  collection: string,
  { cases, rules }: { readonly cases: readonly Case[]; readonly rules: Rules },
): Promise<Comparison> {
  const used = new Set<OnPurpose | Renamed>();
  const differences: string[] = [];
  let accepted = 0;
  let refused = 0;
  const queue = cases.values();
  const worker = async (): Promise<void> => {
    for (const next of queue) {
      const answer = await plane.request('POST', `${collection}?dryRun=All&fieldValidation=Ignore`, next.object);
      if (answer.status < 300) accepted++;
      else refused++;
      const difference = compareOne(next, answer, { rules, used });
      if (difference !== undefined) differences.push(`${next.name}\n${difference}\n${JSON.stringify(next.object)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { differences, accepted, refused, used };
}

function compareOne(
  { object }: Case,
  answer: ApiResponse,
  { rules, used }: { readonly rules: Rules; readonly used: Set<OnPurpose | Renamed> },
): string | undefined {
  const outcome = readObject(object, OPTIONS);
  const ours: readonly Finding[] = outcome.status === 'rejected' ? outcome.faults.map(toFinding) : [];
  if (outcome.status === 'skipped') return 'ours: skipped';
  if (answer.status === 400) return compareDecoding(textAt(answer.json, 'message') ?? '', ours);
  const api = causesOf(answer).map(cause => rename(cause, { rules, used }));
  if (answer.status >= 300 && api.length === 0) return `api: ${answer.status} ${JSON.stringify(answer.json)}`;
  const stoppedEarly = api.length > 0 && api.every(finding => rules.checkedFirst?.(finding) ?? false);
  const missed = unexcused(api, ours, { side: 'api', rules, used });
  const extra = stoppedEarly ? [] : unexcused(ours, api, { side: 'ours', rules, used });
  const lines = [
    ...missed.map(({ field, says }) => `only the API: ${field}: ${says}`),
    ...extra.map(({ field, says }) => `only ours: ${field}: ${says}`),
  ];
  if (lines.length > 0) return lines.join('\n');
  return answer.status < 300 && outcome.status === 'read' ? compareMeaning(outcome, answer, rules) : undefined;
}

/** We must accept the server's object, with its defaults, without notes, and read it as the same object. */
function compareMeaning(outcome: ReadOutcome, answer: ApiResponse, rules: Rules): string | undefined {
  const again = readObject(answer.json, OPTIONS);
  if (again.status !== 'read') return `ours refuses what the API answered: ${JSON.stringify(again)}`;
  if (again.notes.length > 0) return `ours notes something in what the API answered: ${JSON.stringify(again.notes)}`;
  const here = JSON.stringify(rules.meaning(outcome));
  const there = JSON.stringify(rules.meaning(again));
  return here === there ? undefined : `means another thing\n  api:  ${there}\n  ours: ${here}`;
}

/** Structs that are no fields of the object. */
const EMBEDDED = /\.(ProbeHandler|VolumeSource|LocalObjectReference)\./g;

/** The decoder reports only its first error, by a path without indices: `ServicePort.spec.ports.port`. */
function compareDecoding(message: string, ours: readonly Finding[]): string | undefined {
  if (ours.length === 0) return `only the API: ${message}`;
  // Kubernetes 1.35 and later also name embedded structs, which are not fields of the object.
  const path = /Go struct field \w+\.(\S+) of type/.exec(message)?.[1]?.replaceAll(EMBEDDED, '.');
  if (path === undefined) return undefined;
  const named = ours.map(({ field }) => field.replaceAll(/\[[^\]]*\]/g, ''));
  return named.includes(path) ? undefined : `the API cannot decode ${path}; ours names ${named.join(', ')}`;
}

function unexcused(
  findings: readonly Finding[],
  others: readonly Finding[],
  {
    side,
    rules,
    used,
  }: { readonly side: 'api' | 'ours'; readonly rules: Rules; readonly used: Set<OnPurpose | Renamed> },
): readonly Finding[] {
  return findings.filter(({ field, says }) => {
    if (others.some(other => sameField(other.field, field))) return false;
    const excuse = rules.onPurpose.find(
      entry => entry.side === side && entry.field.test(field) && (entry.says?.test(says) ?? true),
    );
    if (excuse !== undefined) used.add(excuse);
    return excuse === undefined;
  });
}

function rename(
  finding: Finding,
  { rules, used }: { readonly rules: Rules; readonly used: Set<OnPurpose | Renamed> },
): Finding {
  const renamed = rules.renamed.find(({ api, says }) => api.test(finding.field) && (says?.test(finding.says) ?? true));
  if (renamed === undefined) return finding;
  used.add(renamed);
  return { ...finding, field: finding.field.replace(renamed.api, renamed.ours) };
}

function sameField(a: string, b: string): boolean {
  if (a.includes('[*]')) return sameField(b, a);
  const [start = '', end] = b.split('[*]');
  return end === undefined ? a === b : a.startsWith(start) && /^\[\d+\]/.test(a.slice(start.length)) && a.endsWith(end);
}

function toFinding({ field, why }: Fault): Finding {
  return { field, says: why };
}

function causesOf(answer: ApiResponse): readonly Finding[] {
  const details = valueAt(answer.json, 'details');
  const causes = valueAt(details, 'causes');
  if (!Array.isArray(causes)) return [];
  return causes.map((cause: unknown) => ({
    field: textAt(cause, 'field') ?? '',
    says: textAt(cause, 'message') ?? '',
  }));
}

function valueAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function textAt(value: unknown, name: string): string | undefined {
  const found = valueAt(value, name);
  return typeof found === 'string' ? found : undefined;
}
