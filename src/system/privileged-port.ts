/** Why a port cannot be used: on most systems, those below 1024 are for root. On Linux with the command that allows it. */
export function portNeedsRoot(port: number, platform = process.platform): string {
  const allow = `; to allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`;
  return `port ${port} needs root${platform === 'linux' ? allow : ''}`;
}
