/**
 * A source reports objects and their changes. Consumers do not see where the objects come from.
 *
 * @module
 */
import { escapeControls } from '../data/index.ts';
import type { ObjectEvent } from '../kube/index.ts';

/** A message for the user about an input: a fault (something was rejected), a warning, or a note. */
export interface Notice {
  readonly level: 'fault' | 'warning' | 'note';
  /** `shop/web.yaml:12:7`; as much of it as is known. */
  readonly where: string;
  /** `Service shop/web`; `''` if it concerns no particular object. */
  readonly object: string;
  /** `spec.ports[1].targetPort`; `''` if it concerns no particular field. */
  readonly field: string;
  readonly why: string;
  readonly fix: string;
}

export interface SourceUpdate {
  readonly events: readonly ObjectEvent[];
  readonly notices: readonly Notice[];
}

/** `shop/web.yaml:12:7  Service shop/web  spec.ports[1].targetPort  why  what to do`: one line, parts separated by two spaces. Control characters are escaped. */
export function noticeText(notice: Notice): string {
  const parts = [notice.where, notice.object, notice.field, notice.why, notice.fix];
  return parts
    .filter(part => part !== '')
    .map(part => escapeControls(part))
    .join('  ');
}
