import type { Rule } from '../rule.ts';

/** Ports that are nearly always UDP. */
const UDP_PORTS: ReadonlyMap<number, string> = new Map([
  [53, 'DNS'],
  [67, 'DHCP'],
  [69, 'TFTP'],
  [123, 'NTP'],
  [161, 'SNMP'],
  [514, 'syslog'],
  [1194, 'OpenVPN'],
  [3478, 'STUN'],
  [8125, 'StatsD'],
  [51820, 'WireGuard'],
]);

export const r23: Rule = {
  id: 'R23',
  title: 'a port that is usually UDP is TCP',
  confidence: 'hint',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      if (service.type === 'ExternalName') continue;
      for (const [index, port] of service.ports.entries()) {
        const what = UDP_PORTS.get(port.port);
        const both = service.ports.some(other => other.port === port.port && other.protocol === 'UDP');
        if (what === undefined || port.protocol !== 'TCP' || both) continue;
        yield {
          subject,
          field: `spec.ports[${index}].protocol`,
          message: `Port ${port.port} (${what}) is usually UDP, but this one is TCP, the default of protocol.`,
          fix: 'Write protocol: UDP, or add a second port for UDP with a different name.',
        };
      }
    }
  },
};
