import type { LintContext } from '../context.ts';
import type { Rule } from '../rule.ts';

/** Port name prefixes by which a mesh detects the protocol. */
const PROTOCOL_PREFIX = /^(https?2?|grpc(-web)?|h2c|tcp|tls|udp|mongo|mysql|redis|postgres|thrift)(-|$)/;

const GUESSES: ReadonlyMap<number, string> = new Map([
  [80, 'http'],
  [8080, 'http'],
  [443, 'https'],
  [8443, 'https'],
  [50051, 'grpc'],
]);

export const r27: Rule = {
  id: 'R27',
  title: 'a service mesh cannot detect the protocol of the port',
  confidence: 'hint',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      if (service.type === 'ExternalName' || !isInMesh(context, service.meta.namespace)) continue;
      for (const [index, port] of service.ports.entries()) {
        if (port.protocol !== 'TCP' || port.appProtocol !== undefined || PROTOCOL_PREFIX.test(port.name)) continue;
        const guess = GUESSES.get(port.port) ?? 'http, grpc or tcp';
        yield {
          subject,
          field: `spec.ports[${index}]`,
          message: `Namespace "${service.meta.namespace}" is part of a mesh, but neither the name ${port.name === '' ? '(none)' : `"${port.name}"`} nor appProtocol of port ${port.port} names the protocol, so the mesh may treat it as plain TCP.`,
          fix: `Add appProtocol: ${guess}.`,
        };
      }
    }
  },
};

function isInMesh(context: LintContext, namespace: string): boolean {
  const meta = context.inventory.get('Namespace', '', namespace)?.object.meta;
  if (meta === undefined) return false;
  const { labels, annotations } = meta;
  const istio = labels['istio-injection'] === 'enabled' || labels['istio.io/rev'] !== undefined;
  return istio || annotations['linkerd.io/inject'] === 'enabled';
}
