import { familyOf, IP_FAMILIES, type IpFamily } from '../../net/index.ts';
import type { ServiceType } from '../objects.ts';
import { readAddress } from './addresses.ts';
import { readChoice } from './enums.ts';
import type { Field } from './field.ts';
import { shown } from './wording.ts';

export interface ClusterAddresses {
  readonly headless: boolean;
  readonly clusterIPs: readonly string[];
  readonly ipFamilies: readonly IpFamily[];
}

export interface FamilyRules {
  readonly type: ServiceType | undefined;
  readonly primaryFamily: IpFamily;
  /** The object comes from a control plane, so its families are final. */
  readonly allocated: boolean;
  readonly selectorless: boolean;
}

const NONE: ClusterAddresses = { headless: false, clusterIPs: [], ipFamilies: [] };
const POLICIES = ['SingleStack', 'PreferDualStack', 'RequireDualStack'] as const;

/**
 * Reads clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy, which must be consistent. Rules and order are those of a
 * dual-stack control plane on create (KEP-563): clusterIP fills clusterIPs, addresses determine their families, and
 * a dual-stack policy adds the missing family.
 */
export function readClusterAddresses(spec: Field, rules: FamilyRules): ClusterAddresses {
  const clusterIPs = readClusterIPs(spec);
  const familiesField = spec.child('ipFamilies');
  const policyField = spec.child('ipFamilyPolicy');
  if (rules.type === 'ExternalName') {
    rejectForExternalName(spec, clusterIPs.length > 0);
    return NONE;
  }
  requireAgreement(spec, clusterIPs);
  const families = readFamilies(familiesField);
  const headless = clusterIPs.length === 1 && clusterIPs[0] === 'None';
  if (headless && (rules.type === 'NodePort' || rules.type === 'LoadBalancer')) {
    const field = spec.child('clusterIPs');
    field
      .at(0)
      .fault(`a Service of type ${rules.type} cannot be headless`, 'remove clusterIP: None, or write type: ClusterIP');
  }
  const addresses = headless ? [] : readAddresses(spec, clusterIPs);
  requireFamiliesOf(spec, addresses, families);

  const policy =
    readChoice(policyField, POLICIES) ?? (headless && rules.selectorless ? 'RequireDualStack' : 'SingleStack');
  if (policy === 'SingleStack' && policyIsReadable(policyField)) {
    requireOne(policyField, 'clusterIPs', clusterIPs.length);
    requireOne(policyField, 'ipFamilies', families.length);
  }
  return { headless, clusterIPs: addresses, ipFamilies: complete(families, addresses, { policy, ...rules }) };
}

/** As in the API server, `clusterIP` fills `clusterIPs`, never the reverse. */
function readClusterIPs(spec: Field): readonly string[] {
  const several = spec.child('clusterIPs').strings();
  const single = spec.child('clusterIP').text();
  return several.length === 0 && single !== undefined ? [single] : several;
}

function rejectForExternalName(spec: Field, hasAddress: boolean): void {
  const fix = (name: string): string => `remove ${name}`;
  const why = 'a Service of type ExternalName is an alias in DNS and has no address of its own';
  if (hasAddress) spec.child('clusterIPs').fault(why, fix('clusterIP and clusterIPs'));
  if (spec.child('ipFamilies').items().length > 0) spec.child('ipFamilies').fault(why, fix('ipFamilies'));
  if (spec.child('ipFamilyPolicy').isSet) spec.child('ipFamilyPolicy').fault(why, fix('ipFamilyPolicy'));
}

function requireAgreement(spec: Field, clusterIPs: readonly string[]): void {
  const field = spec.child('clusterIPs');
  const single = spec.child('clusterIP');
  if (!single.isText) return;
  const text = single.text();
  if (text === undefined && clusterIPs.length > 0) {
    field.fault('clusterIPs is set without clusterIP', `write clusterIP: ${clusterIPs[0]} as well`);
  } else if (text !== undefined && clusterIPs[0] !== text) {
    field.fault(`clusterIPs starts with ${shown(clusterIPs[0])}, but clusterIP is ${shown(text)}`, 'make them equal');
  }
}

function readFamilies(field: Field): readonly IpFamily[] {
  const families: IpFamily[] = [];
  const seen = new Set<string>();
  for (const item of field.items()) {
    const family = readChoice(item, IP_FAMILIES);
    // An empty item is a fault; it does not count as absent.
    if (item.isMissing) item.fault('the family is empty', 'write IPv4 or IPv6');
    const text = item.string() ?? '';
    if (seen.has(text)) item.fault(`${shown(text)} is listed twice`, 'remove one');
    else if (family !== undefined) families.push(family);
    seen.add(text);
  }
  return families;
}

/** Returns the addresses in canonical form, or none if one is invalid, since they can then not be compared. */
function readAddresses(spec: Field, clusterIPs: readonly string[]): readonly string[] {
  const field = spec.child('clusterIPs');
  const fromSingle = field.items().length === 0;
  const read = clusterIPs.map((text, index) => {
    if (index === 0 && text === 'None') {
      field.fault('"None" makes a Service headless, so it cannot stand beside an address', 'keep only one of them');
      return undefined;
    }
    const item = field.at(index, text);
    const address = readAddress(item);
    if (address === undefined && fromSingle && text.toLowerCase() === 'none') {
      item.fault(`${shown(text)} is not "None"`, 'write clusterIP: None, with a capital N, for a headless Service');
    }
    return address;
  });
  if (clusterIPs.length > 2) {
    field.fault(`there are ${clusterIPs.length} addresses; at most 2 are allowed`, 'keep one of each family');
  }
  const addresses = read.filter(address => address !== undefined);
  if (addresses.length < read.length) return [];
  if (addresses.length > 1 && new Set(addresses.map(familyOf)).size < 2) {
    field.fault('the addresses have the same family', 'keep one IPv4 and one IPv6 address at most');
  }
  return addresses;
}

function requireFamiliesOf(spec: Field, addresses: readonly string[], families: readonly IpFamily[]): void {
  for (const [index, address] of addresses.entries()) {
    const family = families[index];
    if (family === undefined || familyOf(address) === family) continue;
    const why = `${address} is an ${familyOf(address)} address, and ipFamilies[${index}] is ${family}`;
    spec.child('clusterIPs').at(index).fault(why, `write an ${family} address, or change ipFamilies`);
  }
}

/** An invalid policy already has a fault. */
function policyIsReadable(field: Field): boolean {
  return field.isMissing || field.string() === 'SingleStack';
}

function requireOne(policy: Field, name: string, count: number): void {
  if (count !== 2) return;
  policy.fault(
    `${policy.isSet ? '' : 'ipFamilyPolicy is not set, which means SingleStack; '}SingleStack allows one of ${name}, but there are 2`,
    'write ipFamilyPolicy: PreferDualStack, or keep one',
  );
}

function complete(
  explicit: readonly IpFamily[],
  addresses: readonly string[],
  rules: FamilyRules & { readonly policy: (typeof POLICIES)[number] },
): readonly IpFamily[] {
  const families = [...explicit];
  for (const address of addresses.slice(families.length)) families.push(familyOf(address));
  const final = rules.allocated && families.length > 0;
  if (families.length === 0) families.push(rules.primaryFamily);
  if (families.length === 1 && rules.policy !== 'SingleStack' && !final) {
    families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4');
  }
  return families;
}
