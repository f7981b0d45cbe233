import type { LintContext } from '../context.ts';
import type { Subject } from '../finding.ts';
import { rawField, readGatewayRoute, readReferenceGrant } from '../kinds/index.ts';
import type { Rule } from '../rule.ts';
import { listed } from '../text.ts';
import { missingService, wrongPort } from './references.ts';

export const r63: Rule = {
  id: 'R63',
  title: 'a Gateway route whose backend cannot be used',
  confidence: 'certain',
  *check(context) {
    for (const { subject, value } of context.gatewayRoutes()) {
      for (const ref of readGatewayRoute(rawField(value))) {
        const namespace = ref.namespace ?? subject.namespace;
        const service = context.service(namespace, ref.name)?.object;
        if (service === undefined) {
          const problem = missingService(context, { subject, namespace, name: ref.name, field: `${ref.field}.name` });
          if (problem !== undefined) yield problem;
        } else if (ref.port === undefined) {
          const ports = listed(service.ports.map(p => String(p.port)));
          yield {
            subject,
            field: ref.field,
            message: `${subject.kind} ${subject.name} names Service ${ref.name} without a port, which a backendRef to a Service requires.`,
            fix: service.ports.length === 1 ? `Add port: ${ports}.` : `Add port: and one of ${ports}.`,
          };
        } else if (!service.ports.some(p => p.port === ref.port)) {
          const { why, right } = wrongPort(context, service, ref.port);
          yield {
            subject,
            field: `${ref.field}.port`,
            message: `${subject.kind} ${subject.name} uses port ${ref.port}. ${why}`,
            fix: right === undefined ? `Use one of the Service's ports.` : `Write port: ${right}.`,
          };
        }
        if (namespace === subject.namespace || isGranted(context, subject, { namespace, name: ref.name })) continue;
        yield {
          subject,
          field: `${ref.field}.namespace`,
          confidence: context.missing('likely'),
          message: `${subject.kind} ${subject.name} in namespace "${subject.namespace}" uses Service ${ref.name} in "${namespace}", but no ReferenceGrant there allows it${context.where}.`,
          fix: `Add a ReferenceGrant to namespace "${namespace}", from ${subject.kind} in "${subject.namespace}" to Service ${ref.name}.`,
        };
      }
    }
  },
};

function isGranted(context: LintContext, from: Subject, to: { namespace: string; name: string }): boolean {
  return context.others('ReferenceGrant').some(({ subject, value }) => {
    if (subject.namespace !== to.namespace) return false;
    const grant = readReferenceGrant(rawField(value));
    const allowed = grant.from.some(f => f.kind === from.kind && f.namespace === from.namespace);
    return allowed && grant.to.some(t => t.kind === 'Service' && (t.name === undefined || t.name === to.name));
  });
}
