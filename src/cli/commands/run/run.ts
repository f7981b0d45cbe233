import { rmSync } from 'node:fs';
import { SwitchboardError } from '../../../errors.ts';
import {
  enteredSandbox,
  findIsolation,
  followControl,
  handleSignals,
  type Isolation,
  runInSandbox,
  type Sandbox,
} from '../../../run/index.ts';
import { message } from '../../terminal.ts';
import type { RunFlags } from './flags.ts';
import { namesByDns } from './names-by-dns.ts';
import { namesByProxy } from './names-by-proxy.ts';
import { runSession } from './session.ts';

/** The DNS server's address in the command's network, which no other process uses. */
const DNS_ADDRESS = '127.0.0.1';

/** Time for the command to exit after the process that the user started has been killed. */
const ORPHAN_GRACE_MS = 2000;

/**
 * Runs a command with access to Services: in its own network if the system allows one, else through a proxy.
 *
 * @returns the exit code of the command
 * @throws SWB_RUN_UNSUPPORTED with `--mode network`; what `runSession` throws
 */
export async function run(words: readonly string[], flags: RunFlags): Promise<number> {
  const sandbox = enteredSandbox();
  if (sandbox !== undefined) return runInside(words, flags, sandbox);
  const isolation = flags.mode === 'proxy' ? 'as --mode says' : isolationOf(flags);
  return typeof isolation === 'string' ? runProxied(words, flags, isolation) : runIsolated(flags, isolation);
}

/** @returns how to isolate the command, or why that is not possible */
function isolationOf(flags: RunFlags): Isolation | string {
  try {
    return findIsolation();
  } catch (error) {
    if (flags.mode === 'network' || !SwitchboardError.is(error)) throw error;
    return error.message;
  }
}

/** Runs the same command line again in namespaces, where `enteredSandbox` detects them. */
function runIsolated(flags: RunFlags, isolation: Isolation): Promise<number> {
  const { namespace = 'default', clusterDomain: domain } = flags;
  const kinds = isolation.endsAll ? 'mount, network and process namespaces' : 'mount and network namespaces';
  const way = flags.outside
    ? 'HTTP_PROXY, HTTPS_PROXY, ALL_PROXY reach the outside network'
    : 'the outside network cannot be reached';
  report(flags, `mode: network (${kinds}); names resolve by DNS; ${way}`);
  const search = { namespace, domain };
  return runInSandbox([process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    isolation,
    server: DNS_ADDRESS,
    search,
    outside: flags.outside,
  });
}

/** The inner process, in the namespaces that the outer process has created. */
function runInside(words: readonly string[], flags: RunFlags, sandbox: Sandbox): Promise<number> {
  const { namespace = 'default', clusterDomain: domain } = flags;
  return runSession(words, flags, {
    access: up => namesByDns(up, { namespace, domain, address: DNS_ADDRESS, outside: sandbox.outside }),
    control: onSignal => {
      const onOrphaned = () => {
        rmSync(sandbox.folder, { recursive: true, force: true });
        onSignal('SIGHUP', false);
        setTimeout(() => {
          onSignal('SIGKILL', false);
          process.exit();
        }, ORPHAN_GRACE_MS);
      };
      return followControl({ onSignal, onOrphaned });
    },
  });
}

function runProxied(words: readonly string[], flags: RunFlags, why: string): Promise<number> {
  const { namespace = 'default', clusterDomain: domain } = flags;
  const onOpen = (port: number) => {
    report(flags, `mode: proxy (${why})`);
    report(
      flags,
      `  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY name 127.0.0.1:${port}, a proxy that resolves the names of Services,`,
    );
    report(flags, '  with a user name and a password: no other user of this machine can use it');
    report(flags, `  and http://NAME.NAMESPACE.localhost:${port}/ reaches a Service without proxy settings`);
  };
  return runSession(words, flags, {
    access: up => namesByProxy(up, { namespace, domain, onOpen }),
    control: onSignal => {
      handleSignals(process.stdin.isTTY, onSignal);
      return () => undefined;
    },
  });
}

function report(flags: RunFlags, text: string): void {
  if (!flags.quiet) message(text);
}
