/**
 * Makes the system's resolver use Switchboard's DNS server for one domain, and undoes that; optionally writes a marked
 * block into the hosts file instead.
 *
 * `readSystemState` reads the system, a mechanism makes a `Plan` from that without side effects, and only `carryOut`
 * changes the system.
 *
 * @module
 */

export { type ActiveResolver, activeResolver } from './active-resolver.ts';
export { answersFor, askServer, DEFAULT_ADDRESSES, type Reply, serversOf, systemResolves, TIMEOUT_MS } from './ask.ts';
export { carryOut } from './carry-out.ts';
export { type BlockOwner, blockLines, type HostsLine } from './hosts/block.ts';
export {
  type FoundBlock,
  type HostsFile,
  hostsPath,
  ownerText,
  readHosts,
  removeBlocks,
  writeBlock,
} from './hosts/hosts-file.ts';
export { type HostsNames, hostsNames, type NamedService } from './hosts/names.ts';
export { type Decision, type Installed, MECHANISMS, type MechanismName, type Rule } from './mechanism.ts';
export { installedRules, mechanism } from './mechanisms/index.ts';
export { type Plan, planScript, planText, type Step } from './plan.ts';
export { type RuleHealth, ruleHealth } from './rule-health.ts';
export { readSystemState, type SystemState } from './system-state.ts';
