import type { ResolverFacts } from '../facts.ts';
import type { Installed, Mechanism, MechanismName } from '../mechanism.ts';
import { dnsmasq, networkManager } from './dnsmasq.ts';
import { macos } from './macos.ts';
import { systemdResolved } from './systemd-resolved.ts';
import { windows } from './windows.ts';

const ALL: Readonly<Record<MechanismName, Mechanism>> = {
  'systemd-resolved': systemdResolved,
  networkmanager: networkManager,
  dnsmasq,
  macos,
  windows,
};

export function mechanism(name: MechanismName): Mechanism {
  return ALL[name];
}

/** All rules of ours that are in the system, by whatever way they came: the system may have been changed since. */
export function installedRules(facts: ResolverFacts): Installed[] {
  return Object.values(ALL).flatMap(each => [...each.installed(facts)]);
}
