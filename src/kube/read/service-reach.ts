import type { ServiceType } from '../objects.ts';
import { readAddress, rejectSpecialAddress } from './addresses.ts';
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
    rejectSpecialAddress(item, address);
    return address;
  });
}

/**
 * Reads the target of an ExternalName Service, a CNAME; it may end with a dot. The API accepts an IPv4 address, since it
 * is also a syntactically valid DNS name, but no resolver resolves it.
 */
export function readExternalName(field: Field, type: ServiceType | undefined): string | undefined {
  const text = field.text();
  if (type !== 'ExternalName') return text;
  const name = text?.replace(/\.$/, '') ?? '';
  if (name === '') {
    if (field.isText)
      field.fault('the Service has no externalName', 'write the DNS name that the Service is an alias of');
    return undefined;
  }
  const problem = dnsSubdomainProblem(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'write a DNS name in lower case');
  else if (/^\d+(\.\d+){3}$/.test(name)) {
    field.note(
      `${name} is used as a DNS name, not as an address, and such a name does not exist`,
      'for an address, write a Service without a selector and an EndpointSlice',
    );
  }
  return text;
}
