/** Options that several commands share, by subject. Each command declares its own options in its flags.ts. */
export { type ForwardFlag, ttlSeconds, withClusterDomain, withDnsForward } from './dns.ts';
export {
  type AgainstFlags,
  type ClusterFlags,
  type InputFlags,
  NAMESPACE_TO_READ,
  withAgainst,
  withCluster,
  withInput,
  withReading,
} from './input.ts';
export { type NftablesFlags, type NodeFlags, withNftables, withNode } from './node.ts';
export { withOutput, withTextOrJson } from './output.ts';
export { withBalance, withOverrides } from './pods.ts';
export { collect, collectUnlessNo, type FlagsOf, notNegative, positive } from './values.ts';
