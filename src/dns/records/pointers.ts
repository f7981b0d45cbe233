import { NONE, type RecordBuilder } from './builder.ts';

/** PTR: the names of an address (RFC 1035, 3.3.12; Kubernetes DNS specification 1.1.0, 2.3.3 and 2.4.3). */
export const buildPtr: RecordBuilder = (owner, { name, directory }) => {
  if (owner.kind !== 'pointer') return NONE;
  const { ttl } = directory.options;
  return { answers: owner.targets.map(data => ({ type: 'PTR', name, ttl, data })) };
};

/** CNAME: the target of an ExternalName Service (Kubernetes DNS specification 1.1.0, 2.5). */
export const buildCname: RecordBuilder = (owner, { name, directory }) => {
  if (owner.kind !== 'alias') return NONE;
  return { answers: [{ type: 'CNAME', name, ttl: directory.options.ttl, data: owner.records.target }] };
};
