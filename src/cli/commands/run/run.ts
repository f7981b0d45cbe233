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
import type { RunFlags } from './flags.ts';
import { namesByDns } from './names-by-dns.ts';
import { namesByProxy } from './names-by-proxy.ts';
import { runSession } from './session.ts';

/** Where the DNS server is in the command's network, which nobody else is in. */
const DNS_ADDRESS = '127.0.0.1';

/** How long a command may go on when the process that was asked to run it has been killed. */
const ORPHAN_GRACE_MS = 2000;

/**
 * Runs a command among the Services: in a network of its own where the system allows one, else with a proxy.
 *
 * @returns the exit code of the command
 * @throws SWB_RUN_UNSUPPORTED with `--mode network`; what `runSession` throws
 */
export async function run(words: readonly string[], flags: RunFlags): Promise<number> {
  const sandbox = enteredSandbox();
  if (sandbox !== undefined) return runInside(words, flags, sandbox);
  const isolation = flags.mode === 'proxy' ? 'it was asked for' : isolationOf(flags);
  return typeof isolation === 'string' ? runProxied(words, flags, isolation) : runIsolated(flags, isolation);
}

/** @returns why there is none */
function isolationOf(flags: RunFlags): Isolation | string {
  try {
    return findIsolation();
  } catch (error) {
    if (flags.mode === 'network' || !SwitchboardError.is(error)) throw error;
    return error.message;
  }
}

/** Runs this very command line again, in namespaces, where it finds that it is (`enteredSandbox`). */
function runIsolated(flags: RunFlags, isolation: Isolation): Promise<number> {
  const { namespace = 'default', clusterDomain: domain } = flags;
  const kinds = isolation.endsAll ? 'mount, network and process namespaces' : 'mount and network namespaces';
  const way = flags.outside
    ? 'the network outside is reached by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY'
    : 'the network outside cannot be reached';
  say(flags, `mode: a network of its own (${kinds}); names resolve by DNS; ${way}`);
  const search = { namespace, domain };
  return runInSandbox([process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    isolation,
    server: DNS_ADDRESS,
    search,
    outside: flags.outside,
  });
}

/** The inner half, in the namespaces that the outer one has made. */
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
    say(flags, `mode: proxy (${why})`);
    say(flags, `  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY lead to 127.0.0.1:${port}, which knows the names of Services,`);
    say(flags, '  with a user name and a password: nobody else on this machine can use it');
    say(flags, `  and http://NAME.NAMESPACE.localhost:${port}/ leads to a Service without any proxy setting`);
  };
  return runSession(words, flags, {
    access: up => namesByProxy(up, { namespace, domain, onOpen }),
    control: onSignal => {
      handleSignals(process.stdin.isTTY, onSignal);
      return () => undefined;
    },
  });
}

function say(flags: RunFlags, text: string): void {
  if (!flags.quiet) process.stderr.write(`${text}\n`);
}
