import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { messageOf, SwitchboardError } from '../errors.ts';
import { familyOf } from '../kube/address.ts';
import { type Log, NodeAgent, nodeNameOf, readNodeConfig, tuneSystem } from '../node/index.ts';
import { checkSysctls, createNftablesPlane } from '../planes/nftables/index.ts';
import { createClusterSource } from '../sources/cluster/index.ts';
import { reachableAddresses } from '../system/index.ts';
import { packageVersion } from '../version.ts';
import type { NodeFlags } from './commands/node.ts';
import { EXIT } from './exit-codes.ts';
import { nodeDns } from './node-dns.ts';
import type { StopSignals } from './signals.ts';

/** Serves until a signal. @returns the exit code. @throws SWB_USAGE, SWB_INPUT_NOT_FOUND, and what `NodeAgent.start` throws */
export async function node(flags: NodeFlags, stop: StopSignals): Promise<number> {
  if (process.platform !== 'linux') {
    throw new SwitchboardError(
      'SWB_NFT_UNSUPPORTED',
      `switchboard node puts rules into the kernel of Linux, and this is ${process.platform}: up serves Services here`,
    );
  }
  const config = readNodeConfig(flags.config === undefined ? undefined : await readConfig(flags.config), flags.fields);
  const log = pino({ level: config.verbosity >= 4 ? 'debug' : flags.logLevel, base: null });
  // What was asked for in vain is said before anything of the system is changed.
  const dns = flags.initOnly ? undefined : await nodeDns(flags);
  if (stop.signal.aborted) return EXIT.fine;
  for (const { name, value, failed } of tuneSystem(config)) {
    if (failed === undefined) log.debug({ name, value }, 'setting of the system');
    else log.warn({ name, value, reason: failed }, 'a setting of the system could not be made');
  }
  warnOfForwarding(log);
  if (flags.initOnly) return EXIT.fine;
  const ended = Promise.withResolvers<number>();
  const agent = new NodeAgent({
    config,
    nodeName: nodeNameOf(config),
    log,
    openSource: createClusterSource,
    openPlane: createNftablesPlane,
    force: flags.force,
    ...(dns === undefined ? {} : { dns }),
    onOutdated: why => {
      log.error({}, `${why}: ending, to be started anew`);
      ended.resolve(EXIT.finding);
    },
  });
  stop.signal.addEventListener('abort', () => ended.resolve(EXIT.fine), { once: true });
  // The rules stay and nothing drains, so whoever asks twice need not wait.
  void stop.again.then(() => process.exit(EXIT.fine));
  log.info({ version: packageVersion() }, 'switchboard node');
  agent.start().then(collectEarlier, (error: unknown) => ended.reject(error));
  try {
    return await ended.promise;
  } finally {
    await agent.close();
    log.info({}, 'ended; the rules stay');
  }
}

/** Whether the host forwards packets is the host's affair: the agent reports what is in the way and changes nothing. */
function warnOfForwarding(log: Log): void {
  const families = new Set(reachableAddresses().map(familyOf));
  for (const { name, found, why, caution } of checkSysctls(false, families)) {
    const fix = `to switch forwarding on: sysctl -w ${name}=1`;
    log.warn({ name, found, fix, ...(caution === undefined ? {} : { caution }) }, `${name} is ${found}: ${why}`);
  }
}

/**
 * The engine would let garbage grow to more than what is in use before it collects: 5,000 Services took 165 MB after the
 * start and 300 MB after 20,000 changes; so it is 200 MB. At the start, when nearly all that is made stays, it would
 * cost half a second.
 */
function collectEarlier(): void {
  setFlagsFromString('--heap-growing-percent=60');
  // When to collect next is decided at each collection; the last one was by the rule before.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SwitchboardError('SWB_INPUT_NOT_FOUND', `--config ${path} cannot be read: ${messageOf(error)}`);
  }
}
