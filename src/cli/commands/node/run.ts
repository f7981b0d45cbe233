import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { messageOf, SwitchboardError } from '../../../errors.ts';
import { familyOf } from '../../../net/index.ts';
import {
  type Log,
  logTuned,
  NodeAgent,
  type NodeConfig,
  nodeNameOf,
  readNodeConfig,
  tuneSystem,
} from '../../../node/index.ts';
import { checkSysctls, createNftablesPlane } from '../../../planes/nftables/index.ts';
import { createClusterSource } from '../../../sources/cluster/index.ts';
import { reachableAddresses } from '../../../system/index.ts';
import { packageVersion } from '../../../version.ts';
import { EXIT } from '../../exit-codes.ts';
import type { StopSignals } from '../../signals.ts';
import { nodeDns } from './dns.ts';
import type { NodeFlags } from './flags.ts';

/** Runs the agent until a signal. @returns the exit code. @throws SWB_USAGE, SWB_INPUT_NOT_FOUND, and what `NodeAgent.start` throws */
export async function node(flags: NodeFlags, stop: StopSignals): Promise<number> {
  if (process.platform !== 'linux') {
    throw new SwitchboardError(
      'SWB_NFT_UNSUPPORTED',
      `switchboard node programs the Linux kernel, and this is ${process.platform}: use switchboard up here`,
    );
  }
  const config = readNodeConfig(flags.config === undefined ? undefined : await readConfig(flags.config), flags.fields);
  const log = pino({ level: config.verbosity >= 4 ? 'debug' : flags.logLevel, base: null });
  if (flags.initOnly) {
    prepareHost(config, log);
    warnOfForwarding(log);
    return EXIT.fine;
  }
  const dns = await nodeDns(flags);
  if (stop.signal.aborted) return EXIT.fine;
  warnOfForwarding(log);
  const ended = Promise.withResolvers<number>();
  const agent = new NodeAgent({
    config,
    nodeName: nodeNameOf(config),
    log,
    openSource: createClusterSource,
    openPlane: createNftablesPlane,
    force: flags.force,
    prepareHost: () => prepareHost(config, log),
    ...(dns === undefined ? {} : { dns }),
    onOutdated: why => {
      log.error({}, `${why}: exiting to be restarted`);
      ended.resolve(EXIT.finding);
    },
  });
  stop.signal.addEventListener('abort', () => ended.resolve(EXIT.fine), { once: true });
  // The rules stay and nothing drains, so a second signal need not wait.
  void stop.again.then(() => process.exit(EXIT.fine));
  log.info({ version: packageVersion() }, 'switchboard node');
  agent.start().then(collectEarlier, (error: unknown) => ended.reject(error));
  try {
    return await ended.promise;
  } finally {
    await agent.close();
    const rules = agent.hasProgrammed
      ? 'the rules stay in the kernel'
      : 'it wrote no rules, and those of an earlier run stay';
    log.info({}, `exited; ${rules}`);
  }
}

/** Sets the host's limits and timeouts of connection tracking, which outlive the agent. */
function prepareHost(config: NodeConfig, log: Log): void {
  logTuned(tuneSystem(config), log);
}

/** Warns if the host does not forward packets. The agent is a guest of the host and does not change that. */
function warnOfForwarding(log: Log): void {
  const families = new Set(reachableAddresses().map(familyOf));
  for (const { name, found, why, caution } of checkSysctls(false, families)) {
    const fix = `to switch forwarding on: sysctl -w ${name}=1`;
    log.warn({ name, found, fix, ...(caution === undefined ? {} : { caution }) }, `${name} is ${found}: ${why}`);
  }
}

/**
 * Makes V8 collect garbage earlier. By default, garbage may grow to more than the live heap: 5,000 Services took 165 MB after
 * the start and 300 MB after 20,000 changes; with this, 200 MB. During the start, when nearly everything stays alive, it
 * would cost half a second.
 */
function collectEarlier(): void {
  setFlagsFromString('--heap-growing-percent=60');
  // V8 decides at each collection when to collect next; the last one used the old limit.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SwitchboardError('SWB_INPUT_NOT_FOUND', `cannot read --config ${path}: ${messageOf(error)}`);
  }
}
