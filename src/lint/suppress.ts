/**
 * Suppresses findings that the user accepts with a reason: in a comment in the manifest, an annotation on the object, or
 * the config file.
 *
 * @module
 */
import type { LintConfig } from './config.ts';
import { type Finding, objectText, type Suppressed } from './finding.ts';
import { globMatches } from './glob.ts';
import type { LintInput } from './inventory.ts';

export const ANNOTATION = 'switchboard.dev/ignore';

export interface SuppressResult {
  readonly kept: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  /** Suppressions without a reason, which have no effect; `file:line`. */
  readonly withoutReason: readonly string[];
}

export function suppress(
  findings: readonly Finding[],
  by: { readonly inputs: readonly LintInput[]; readonly config: LintConfig },
): SuppressResult {
  const comments = new Map(by.inputs.map(input => [input.file, new Comments(input)]));
  const annotations = new Map(by.inputs.flatMap(annotationsIn));
  const kept: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of findings) {
    const comment = comments.get(finding.file)?.reasonFor(finding);
    const annotation = annotations.get(`${finding.file} ${objectText(finding)}`);
    const annotated = annotation === undefined ? undefined : inAnnotation(annotation, finding.rule);
    const configured = by.config.ignore.find(ignore => applies(ignore, finding));
    if (comment !== undefined) suppressed.push({ finding, by: 'comment', reason: comment });
    else if (annotated !== undefined) suppressed.push({ finding, by: 'annotation', reason: annotated });
    else if (configured !== undefined) suppressed.push({ finding, by: 'config', reason: configured.reason });
    else kept.push(finding);
  }
  const withoutReason = [...comments.values()].flatMap(comment => [...comment.withoutReason]);
  return { kept, suppressed, withoutReason };
}

const COMMENT = /#\s*switchboard:ignore\s+(R\d+(?:\s*,\s*R\d+)*)[ \t]*(.*?)\s*$/;

/** Finds `# switchboard:ignore R15 reason` on the line of a field or its object, or in the comments above it. */
class Comments {
  readonly withoutReason = new Set<string>();
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #starts: ReadonlyMap<string, number>;
  readonly #some: boolean;

  constructor(input: LintInput) {
    this.#file = input.file;
    this.#some = input.text.includes('switchboard:ignore');
    this.#lines = this.#some ? input.text.split(/\r?\n/) : [];
    const { objects, others } = input.manifest;
    const starts = new Map<string, number>();
    if (this.#some) {
      for (const placed of objects) {
        const { kind, meta } = placed.object;
        starts.set(objectText({ kind, namespace: meta.namespace, name: meta.name }), placed.position().line);
      }
      for (const other of others) {
        const kind = String(other.value.kind);
        const meta = other.value.metadata;
        const name = typeof meta === 'object' && meta !== null && 'name' in meta ? String(meta.name) : '';
        starts.set(`${kind} ${name}`, other.position().line);
      }
    }
    this.#starts = starts;
  }

  reasonFor(finding: Finding): string | undefined {
    if (!this.#some) return undefined;
    const start = this.#starts.get(objectText(finding)) ?? this.#starts.get(`${finding.kind} ${finding.name}`);
    return this.#at(finding.line, finding.rule) ?? (start === undefined ? undefined : this.#at(start, finding.rule));
  }

  #at(line: number, rule: string): string | undefined {
    let reason = this.#on(line, rule);
    for (let above = line - 1; reason === undefined && above > 0; above -= 1) {
      const text = this.#lines[above - 1]?.trim() ?? '';
      // The comments of an object may be above or below its document marker.
      if (!text.startsWith('#') && text !== '---') break;
      reason = this.#on(above, rule);
    }
    return reason;
  }

  #on(line: number, rule: string): string | undefined {
    const match = COMMENT.exec(this.#lines[line - 1] ?? '');
    if (match === null || !match[1]?.split(/\s*,\s*/).includes(rule)) return undefined;
    const reason = match[2] ?? '';
    if (reason !== '') return reason;
    this.withoutReason.add(`${this.#file}:${line}`);
    return undefined;
  }
}

function annotationsIn(input: LintInput): [string, string][] {
  const all: [string, string][] = [];
  for (const { object } of input.manifest.objects) {
    const { namespace, name, annotations } = object.meta;
    const text = annotations[ANNOTATION];
    if (text !== undefined) all.push([`${input.file} ${objectText({ kind: object.kind, namespace, name })}`, text]);
  }
  return all;
}

/** `R15: reason; R39: reason` */
function inAnnotation(text: string, rule: string): string | undefined {
  for (const part of text.split(';')) {
    const match = /^\s*(R\d+(?:\s*,\s*R\d+)*)\s*:\s*(\S.*?)\s*$/s.exec(part);
    if (match?.[1]?.split(/\s*,\s*/).includes(rule)) return match[2];
  }
  return undefined;
}

function applies(ignore: LintConfig['ignore'][number], finding: Finding): boolean {
  const { rules, paths, objects } = ignore;
  return (
    rules.includes(finding.rule) &&
    (paths.length === 0 || paths.some(path => globMatches(path, finding.file))) &&
    (objects.length === 0 || objects.some(object => globMatches(object, objectText(finding))))
  );
}
