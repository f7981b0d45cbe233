import type { Installed, Mechanism, MechanismName } from '../mechanism.ts';
import type { SystemState } from '../system-state.ts';
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

/** All installed rules, by every mechanism: the system may have changed since. */
export function installedRules(state: SystemState): Installed[] {
  return Object.values(ALL).flatMap(each => [...each.installed(state)]);
}
