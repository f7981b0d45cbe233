/**
 * A system's resolver and ours: what is in charge of names on this machine, how it is told to ask our server for one
 * domain and nothing else, and how that is undone; and a marked block in the hosts file for those who ask for it.
 *
 * Facts are read in one place (`readFacts`), what is to be done is decided from them without touching anything
 * (a `Plan`), and `carryOut` alone changes the system.
 *
 * @module
 */
export { answersFor, askServer, type Reply, serversOf, systemLeadsTo, TIMEOUT_MS, USUAL_PLACES } from './ask.ts';
export { carryOut } from './carry-out.ts';
export { type ResolverFacts, readFacts } from './facts.ts';
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
export { markOf } from './hosts/process-mark.ts';
export { type InCharge, inCharge } from './in-charge.ts';
export { type Decision, type Installed, MECHANISMS, type MechanismName, type Rule } from './mechanism.ts';
export { installedRules, mechanism } from './mechanisms/index.ts';
export { type Plan, planScript, planText, type Step } from './plan.ts';
export { type RuleHealth, ruleHealth } from './rule-health.ts';
