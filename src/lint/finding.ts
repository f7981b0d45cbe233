import type { Position } from '../kube/manifest/index.ts';

/**
 * The confidence of a finding. `certain`: a cluster behaves this way. `likely`: very often a mistake. `hint`: legal, but
 * worth a look; never an error.
 */
export type Confidence = 'certain' | 'likely' | 'hint';

export const CONFIDENCES: readonly Confidence[] = ['certain', 'likely', 'hint'];

/** 0 for the highest confidence. */
export function rank(confidence: Confidence): number {
  return CONFIDENCES.indexOf(confidence);
}

/** One step of a JSON patch (RFC 6902) for the object of the finding. */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** The object of a finding, with the positions of its fields. */
export interface Subject {
  readonly kind: string;
  /** `''` for kinds without a namespace. */
  readonly namespace: string;
  readonly name: string;
  /** As the user named it; `stdin` for standard input; for a cluster the name of its context. */
  readonly file: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly position: (field?: string) => Position;
}

/** A problem that a rule found; the engine adds its position and the rule. */
export interface Problem {
  readonly subject: Subject;
  /** `spec.ports[1].targetPort`; `''` for the object as a whole. */
  readonly field: string;
  readonly message: string;
  /** How to fix it, with the user's own names and values. */
  readonly fix: string;
  /** If it differs from the rule's. */
  readonly confidence?: Confidence;
  readonly patch?: readonly PatchStep[];
}

export interface Finding extends Position {
  readonly rule: string;
  readonly title: string;
  readonly confidence: Confidence;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly file: string;
  readonly message: string;
  readonly fix: string;
  readonly patch?: readonly PatchStep[];
}

/** A finding that the user has accepted. */
export interface Suppressed {
  readonly finding: Finding;
  readonly by: 'comment' | 'annotation' | 'config' | 'baseline';
  readonly reason: string;
}

/** `Service shop/web` */
export function objectText(object: Pick<Finding, 'kind' | 'namespace' | 'name'>): string {
  return `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`;
}

/** `k8s/web.yaml:12:5`; without lines if the object comes from a cluster. */
export function placeText({ file, line, col }: Pick<Finding, 'file' | 'line' | 'col'>): string {
  return line === 0 ? file : `${file}:${line}:${col}`;
}

/** Orders by file, position, rule and message, so that equal inputs give equal output. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compare(a.file, b.file) ||
    a.line - b.line ||
    a.col - b.col ||
    compare(a.rule, b.rule) ||
    compare(objectText(a), objectText(b)) ||
    compare(a.field, b.field) ||
    compare(a.message, b.message)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
