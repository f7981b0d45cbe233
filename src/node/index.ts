/** The agent that implements a cluster's Services on one node, in place of kube-proxy. */
export { type AgentOptions, NodeAgent, type NodeDns } from './agent.ts';
export { type NodeConfig, readNodeConfig } from './config.ts';
export { CONFIG_FIELDS } from './config-fields.ts';
export { nodeNameOf } from './identity.ts';
export type { Log } from './log.ts';
export { logTuned, tuneSystem } from './tuning.ts';
