import type { ServiceType } from '../objects.ts';
import { readAddress, refuseSpecial } from './addresses.ts';
import type { Field } from './field.ts';
import { dnsSubdomainProblem } from './grammar.ts';
import { shown } from './wording.ts';

export function readExternalIPs(field: Field): readonly string[] {
  return field.items().flatMap(item => {
    if (!item.isText) {
      item.string();
      return [];
    }
    const address = readAddress(item);
    if (address === undefined) return [];
    refuseSpecial(item, address);
    return address;
  });
}

/**
 * The target of an ExternalName Service, a CNAME: it may end in a dot. Text that looks like an IPv4 address is a DNS
 * name by its letters, and the API takes it, but no resolver answers it as an address.
 */
export function readExternalName(field: Field, type: ServiceType | undefined): string | undefined {
  const text = field.text();
  if (type !== 'ExternalName') return text;
  const name = text?.replace(/\.$/, '') ?? '';
  if (name === '') {
    if (field.isText) field.fault('the Service has no externalName', 'write the DNS name that it stands for');
    return undefined;
  }
  const problem = dnsSubdomainProblem(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'write a DNS name in lower case');
  else if (/^\d+(\.\d+){3}$/.test(name)) {
    field.note(
      `${name} is read as a DNS name and not as an address, and no name is like that`,
      'for an address, write a Service without a selector and an EndpointSlice',
    );
  }
  return text;
}
