/**
 * Prepares new namespaces: enables loopback, allows all ports, mounts files over others. It runs as a process of its own,
 * as root of the namespaces, before any other process in them. Its argument has a line `FROM=TO` for each file.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { escapeControls } from '../data/index.ts';
import { messageOf } from '../errors.ts';
import { enableLoopback } from './loopback.ts';

try {
  enableLoopback();
  // In this network only, the user may listen on port 53 for DNS and on 80 for a Service.
  writeFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', '0');
  for (const mount of (process.argv[2] ?? '').split('\n')) {
    const at = mount.lastIndexOf('=');
    const { error, status, stderr } = spawnSync('mount', ['--bind', mount.slice(0, at), mount.slice(at + 1)], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(error?.message ?? stderr.trim());
  }
} catch (error) {
  process.stderr.write(
    `switchboard: cannot set up the network of the command: ${escapeControls(messageOf(error))} (SWB_RUN_UNSUPPORTED)\n`,
  );
  process.exitCode = 2;
}
