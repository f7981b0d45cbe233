import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { SwitchboardError } from '../../errors.ts';
import { runProgram, started } from './programs.ts';
import { ROUTER_ADDRESS } from './router.ts';

/** As large as a packet may be: nothing on the way needs less. */
const MTU = 65_520;

/**
 * The first process of a pod holds its namespaces. It waits for its interface, configures it, and ends with its input.
 * A pod's programs may listen on ports below 1024 and send pings without rights, as with containerd and Docker.
 */
const HOLDER = `
hostname "$1" 2>/dev/null
ip link set lo up && echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start || exit 1
echo "0 0" > /proc/sys/net/ipv4/ping_group_range
echo made
read -r _ || exit 1
ip -batch - <<END || exit 1
link set eth0 up
addr add $2/32 dev eth0
route add default via ${ROUTER_ADDRESS} dev eth0 onlink
END
echo ready
exec cat >/dev/null
`;

/** The network namespace of a pod, connected to the router by a pair of interfaces. Its containers share it. */
export class PodNamespace {
  readonly #holder: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(holder: ChildProcessByStdio<Writable, Readable, null>) {
    this.#holder = holder;
    this.#holder.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#holder.stdout })[Symbol.asyncIterator]();
  }

  /**
   * @param link the name of the router's interface to the pod, at most 15 characters
   * @throws SWB_POD_NETWORK
   */
  static async open(hostname: string, ip: string, link: string): Promise<PodNamespace> {
    const args = ['--net', '--uts', '--ipc', 'sh', '-c', HOLDER, 'sh', hostname, ip];
    const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await started(holder, 'unshare');
    const pod = new PodNamespace(holder);
    try {
      await pod.#until('made');
      const lines = [
        `link add ${link} mtu ${MTU} type veth peer name eth0 mtu ${MTU} netns ${pod.pid}`,
        `link set ${link} up`,
        `route add ${ip}/32 dev ${link}`,
      ];
      await runProgram(['ip', '-batch', '-'], `${lines.join('\n')}\n`);
      pod.#holder.stdin.write('\n');
      await pod.#until('ready');
      return pod;
    } catch (error) {
      pod.#holder.kill('SIGKILL');
      throw error;
    }
  }

  /** The process that holds the namespaces. */
  get pid(): number {
    const { pid } = this.#holder;
    if (pid === undefined) throw new SwitchboardError('SWB_POD_NETWORK', 'cannot start unshare (util-linux)');
    return pid;
  }

  /** Ends the holder. The kernel removes the interfaces with the last process of the namespaces. */
  async close(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const ended = once(this.#holder, 'exit');
    this.#holder.stdin.end();
    await ended;
  }

  async #until(word: string): Promise<void> {
    const { done, value } = await this.#lines.next();
    if (done === true || value !== word) {
      throw new SwitchboardError('SWB_POD_NETWORK', 'the network namespace of the pod could not be set up');
    }
  }
}
