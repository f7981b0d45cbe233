import type { LintContext, OtherEntry } from '../context.ts';
import type { Problem } from '../finding.ts';
import { matches, rawField, readServiceMonitor, readServiceReferences } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { listed, nearest, pointer } from '../text.ts';
import { missingService, wrongPort } from './references.ts';

const REFERRING: ReadonlySet<string> = new Set([
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'APIService',
  'CustomResourceDefinition',
]);

export const r72: Rule = {
  id: 'R72',
  title: 'a webhook, APIService or ServiceMonitor uses a port that the Service does not have',
  confidence: 'certain',
  *check(context) {
    for (const other of context.others(REFERRING)) {
      const { subject, value } = other;
      for (const { namespace, name, port, field, written } of readServiceReferences(rawField(value))) {
        const service = context.service(namespace, name)?.object;
        if (service === undefined) {
          const problem = missingService(context, { subject, namespace, name, field: `${field}.name` });
          if (problem !== undefined) yield problem;
        } else if (!service.ports.some(p => p.port === port)) {
          const { why, right } = wrongPort(context, service, port);
          yield {
            subject,
            field: written ? `${field}.port` : field,
            message: `${subject.kind} ${subject.name} calls port ${port}${written ? '' : ', the default'}. ${why}`,
            fix: right === undefined ? "Use one of the Service's ports." : `Write port: ${right} in ${field}.`,
          };
        }
      }
    }
    for (const other of context.others('ServiceMonitor')) yield* monitorProblems(context, other);
  },
};

function* monitorProblems(context: LintContext, { subject, value }: OtherEntry): Generator<Problem> {
  const monitor = readServiceMonitor(rawField(value));
  const namespaces = monitor.namespaces ?? [subject.namespace];
  const services = context.services
    .map(entry => entry.object)
    .filter(service => namespaces === 'any' || namespaces.includes(service.meta.namespace))
    .filter(service => matches(monitor.services, service.meta.labels));
  if (services.length === 0) return;
  for (const { port, field } of monitor.endpoints) {
    if (port === undefined || services.some(service => service.ports.some(p => p.name === port))) continue;
    const names = services.flatMap(s => s.ports.map(p => p.name)).filter(name => name !== '');
    const number = /^\d+$/.test(port) ? services.flatMap(s => s.ports).find(p => p.port === Number(port)) : undefined;
    const near = number?.name || nearest(port, names) || (new Set(names).size === 1 ? names[0] : undefined);
    yield {
      subject,
      field,
      message: `ServiceMonitor ${subject.name} selects the port *named* "${port}", but ${listed(services.map(s => `Service ${s.meta.name}`))} has ${names.length === 0 ? 'no named port' : listed(names.map(n => `"${n}"`))}, so Prometheus scrapes nothing.`,
      fix: near === undefined ? `Name the Service's port "${port}".` : `Write port: ${near}.`,
      ...(near === undefined ? {} : { patch: [{ op: 'replace' as const, path: pointer(field), value: near }] }),
    };
  }
}
