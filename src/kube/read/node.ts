import { type Cidr, canonicalAddress } from '../address.ts';
import type { ReadOptions } from '../fault.ts';
import type { Node } from '../objects.ts';
import { readCidr } from './addresses.ts';
import type { Field } from './field.ts';
import { OBJECT_FIELDS } from './known-fields.ts';
import { readMeta } from './meta.ts';

const ADDRESS_TYPES = ['InternalIP', 'ExternalIP'];

export function readNode(root: Field, options: ReadOptions): Node {
  root.known(OBJECT_FIELDS);
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
  };
}

/** podCIDRs begins with podCIDR by the API's rule; old objects have podCIDR alone. */
function readPodCIDRs(spec: Field): readonly Cidr[] {
  const several = spec.child('podCIDRs').items();
  const fields = several.length > 0 ? several : [spec.child('podCIDR')].filter(field => field.text() !== undefined);
  return fields.flatMap(field => readCidr(field, field.string() ?? '') ?? []);
}
