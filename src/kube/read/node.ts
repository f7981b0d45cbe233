import { type Cidr, canonicalAddress } from '../../net/index.ts';
import type { ReadOptions } from '../fault.ts';
import type { Node } from '../objects.ts';
import { readCidr } from './addresses.ts';
import type { Field } from './field.ts';
import { OBJECT_FIELDS } from './known-fields.ts';
import { readMeta } from './meta.ts';

const ADDRESS_TYPES = ['InternalIP', 'ExternalIP'];

export function readNode(root: Field, options: ReadOptions): Node {
  root.noteUnknownFields(OBJECT_FIELDS);
  const addresses = new Set<string>();
  for (const item of root.child('status').child('addresses').items()) {
    const type = item.child('type').string() ?? '';
    const address = canonicalAddress(item.child('address').string() ?? '');
    if (ADDRESS_TYPES.includes(type) && address !== undefined) addresses.add(address);
  }
  return {
    kind: 'Node',
    meta: readMeta(root.child('metadata'), options, { scope: 'cluster' }),
    podCIDRs: readPodCIDRs(root.child('spec')),
    addresses: [...addresses],
    taints: root
      .child('spec')
      .child('taints')
      .items()
      .flatMap(taint => taint.child('key').text() ?? []),
  };
}

/** If only podCIDR is set, the API server's faults still name podCIDRs[0]. */
function readPodCIDRs(spec: Field): readonly Cidr[] {
  const several = spec.child('podCIDRs').items();
  const single = spec.child('podCIDR').text();
  const field = spec.child('podCIDRs');
  const fields = several.length === 0 && single !== undefined ? [field.at(0, single)] : several;
  const cidrs = fields.flatMap(item => (item.isText ? (readCidr(item, item.string() ?? '') ?? []) : []));
  if (fields.length > 2 || (cidrs.length === 2 && cidrs[0]?.family === cidrs[1]?.family)) {
    field.fault('more than one range has the same family', 'keep one IPv4 and one IPv6 range at most');
  }
  return cidrs;
}
