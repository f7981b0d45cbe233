import type { MechanismName } from '../../../resolver-setup/mechanism.ts';
import type { InputFlags } from '../../options.ts';

/** Flags of whatever changes the system's way to find names. */
export interface SetupFlags {
  readonly root: string;
  readonly yes: boolean;
  readonly print: boolean;
}

export interface DnsInstallFlags extends InputFlags, SetupFlags {
  readonly clusterDomain: string;
  readonly server?: string;
  readonly mechanism?: MechanismName;
  readonly hostsFile: boolean;
}

export interface DnsStatusFlags {
  readonly root: string;
  readonly output: 'text' | 'json';
}
