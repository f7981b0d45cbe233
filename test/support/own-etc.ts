/**
 * An /etc in place of the system's own, in namespaces that end with the script that runs in them.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

export class OwnEtc implements AsyncDisposable {
  /** A folder with `etc` in it, and room for more. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** A copy of this machine's /etc whose only name service is DNS at 127.0.0.1. */
  static async create(): Promise<OwnEtc> {
    const path = await mkdtemp(join(tmpdir(), 'switchboard-etc-'));
    await cp('/etc', join(path, 'etc'), { recursive: true, verbatimSymlinks: true });
    const own = new OwnEtc(path);
    await rm(join(path, 'etc/resolv.conf'), { force: true });
    await own.write('etc/resolv.conf', 'nameserver 127.0.0.1\n');
    await own.write('etc/nsswitch.conf', 'hosts: files dns\n');
    await own.write('etc/hosts', '127.0.0.1 localhost\n');
    return own;
  }

  write(name: string, text: string, mode = 0o644): Promise<void> {
    return writeFile(join(this.path, name), text, { mode });
  }

  /**
   * Runs a script in these namespaces; `sb` is the program, `until_answer PORT NAME` waits for a DNS server. Processes
   * that the script starts end with it.
   *
   * @throws with all its output, if it fails
   */
  inside(script: string): Promise<string> {
    const prelude = [
      'set -u',
      `mount --bind ${this.path}/etc /etc`,
      'ip link set lo up',
      `sb() { ${process.execPath} ${MAIN} "$@" 2>&1; echo "[$?]"; }`,
      'until_answer() { for i in $(seq 100); do dig @127.0.0.1 -p "$1" +tries=1 +time=1 SOA "$2" 2>&1 | grep -q "status: " && return; sleep 0.05; done; echo "no answer at $1"; }',
    ];
    const flags = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const words = ['bash', '-c', [...prelude, script].join('\n')];
    return new Promise((done, fail) => {
      execFile(
        'unshare',
        [...flags, ...words],
        { env: { ...process.env, TMPDIR: this.path } },
        (error, stdout, stderr) => {
          if (error === null) done(stdout);
          else fail(new Error(`${error.message}\n${stdout}\n${stderr}`));
        },
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
