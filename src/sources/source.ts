/**
 * A source tells of objects and of what changes about them; where they come from is its own affair.
 *
 * @module
 */
import type { ObjectEvent } from '../kube/objects.ts';

/** A line for the user about an input: a fault (something was refused), a warning, or a note. */
export interface Notice {
  readonly level: 'fault' | 'warning' | 'note';
  /** `shop/web.yaml:12:7`, as far as it is known. */
  readonly where: string;
  /** `Service shop/web`; `''` if it is about no object. */
  readonly object: string;
  /** `spec.ports[1].targetPort`; `''` if it is about no field. */
  readonly field: string;
  readonly why: string;
  readonly fix: string;
}

export interface SourceUpdate {
  readonly events: readonly ObjectEvent[];
  readonly notices: readonly Notice[];
}

/** `shop/web.yaml:12:7  Service shop/web  spec.ports[1].targetPort  why  what to do`: one line, parts two blanks apart. */
export function noticeText(notice: Notice): string {
  const parts = [notice.where, notice.object, notice.field, notice.why, notice.fix];
  return parts.filter(part => part !== '').join('  ');
}
