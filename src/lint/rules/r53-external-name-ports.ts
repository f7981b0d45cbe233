import { canonicalAddress } from '../../net/index.ts';
import type { Rule } from '../rule.ts';

export const r53: Rule = {
  id: 'R53',
  title: 'an ExternalName Service with a targetPort, or with an IP address',
  confidence: 'certain',
  *check(context) {
    for (const { object: service, subject } of context.services) {
      if (service.type !== 'ExternalName') continue;
      const { externalName = '' } = service;
      if (canonicalAddress(externalName) !== undefined) {
        yield {
          subject,
          field: 'spec.externalName',
          message: `externalName ${externalName} is used as a DNS name, not as an address, so ${service.meta.name} does not resolve.`,
          fix: `Write a Service without a selector, and an EndpointSlice labelled kubernetes.io/service-name: ${service.meta.name} with the address ${externalName}.`,
        };
      }
      for (const [index, port] of service.ports.entries()) {
        if (port.targetPort === port.port) continue;
        yield {
          subject,
          field: `spec.ports[${index}].targetPort`,
          message: `Service ${service.meta.name} is an alias in DNS (${externalName}), so nothing translates ${port.port} to ${port.targetPort}: a client that dials ${service.meta.name}:${port.port} reaches ${externalName}:${port.port}.`,
          fix: `Use ${externalName}:${port.targetPort} in the clients, and remove ports.`,
        };
      }
    }
  },
};
