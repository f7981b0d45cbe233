/** Shapes that the shapes of objects share. */
import type { Labels, ObjectMeta, OwnerReference } from '../kube/index.ts';
import { canonicalAddress } from '../net/index.ts';
import { dictionary, either, fields, flag, line, list, oneOf, optional, port, type Shape, text } from './shape.ts';

export const address: Shape<string> = (value): value is string => line(value) && canonicalAddress(value) !== undefined;
export const protocol = oneOf('TCP', 'UDP', 'SCTP');
export const labels: Shape<Labels> = dictionary(line);
/** Annotations and data may have several lines. */
export const texts: Shape<Labels> = dictionary(text);
export const portOrName = either(port, line);

export const meta = fields<ObjectMeta>({
  name: line,
  namespace: line,
  labels,
  annotations: texts,
  uid: optional(line),
  creationTimestamp: optional(line),
  deletionTimestamp: optional(line),
  owners: list(fields<OwnerReference>({ kind: line, name: line, controller: flag, uid: optional(line) })),
});
