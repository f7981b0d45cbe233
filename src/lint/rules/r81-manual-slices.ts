import { type EndpointSlice, LABEL_MANAGED_BY, LABEL_SERVICE_NAME, type Service } from '../../kube/index.ts';
import type { Entry, LintContext } from '../context.ts';
import type { Problem } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { didYouMean, listed, nearest } from '../text.ts';

export const r81: Rule = {
  id: 'R81',
  title: 'a manually written EndpointSlice that its Service cannot use',
  confidence: 'certain',
  *check(context) {
    for (const entry of context.inventory.of('EndpointSlice')) {
      if (entry.object.meta.labels[LABEL_MANAGED_BY]?.endsWith('.k8s.io') === true) continue;
      const { namespace, name } = entry.object.meta;
      const label = entry.object.meta.labels[LABEL_SERVICE_NAME];
      const field = `metadata.labels[${LABEL_SERVICE_NAME}]`;
      const names = context.servicesIn(namespace).map(service => service.object.meta.name);
      if (label === undefined || label === '') {
        // Another controller maintains these slices, for instance those of a multi-cluster setup.
        const labels = Object.keys(entry.object.meta.labels);
        if (labels.some(key => key === LABEL_MANAGED_BY || key.startsWith('multicluster.'))) continue;
        const owner = names.find(service => name === service || name.startsWith(`${service}-`)) ?? nearest(name, names);
        yield {
          subject: entry.subject,
          field: 'metadata.labels',
          message: `EndpointSlice ${name} has no label ${LABEL_SERVICE_NAME}, so no Service uses it.`,
          fix: `Add the label ${LABEL_SERVICE_NAME}: ${owner ?? 'NAME'}.`,
        };
        continue;
      }
      const service = context.service(namespace, label);
      if (service !== undefined) yield* portProblems(context, entry, service.object);
      else if (!context.mayHaveService(namespace, label)) {
        const near = nearest(label, names);
        yield {
          subject: entry.subject,
          field,
          confidence: near === undefined ? context.missing('hint') : 'likely',
          message: `EndpointSlice ${name} is for Service ${label}, which is not in namespace "${namespace}"${context.where}.${didYouMean(near)}`,
          fix:
            near === undefined
              ? `Add Service ${label}, or correct the label.`
              : `Write ${LABEL_SERVICE_NAME}: ${near}.`,
        };
      }
    }
  },
};

/** A Service port and a slice port match by name and protocol only. */
function* portProblems(context: LintContext, entry: Entry<EndpointSlice>, service: Service): Generator<Problem> {
  const slice = entry.object;
  if (slice.endpoints.length === 0 || slice.ports.length === 0 || service.type === 'ExternalName') return;
  for (const route of context.routesOf(service)) {
    if (route.endpoints.length > 0 || route.origin === 'selector' || route.family !== slice.addressType) continue;
    const matches = slice.ports.some(p => (p.name ?? '') === route.portName && p.protocol === route.protocol);
    if (matches) continue;
    const [only] = slice.ports;
    const index =
      slice.ports.length === 1 || only === undefined ? 0 : slice.ports.findIndex(p => p.port === route.targetPort);
    const portNames = listed(slice.ports.map(p => ((p.name ?? '') === '' ? 'one without a name' : `"${p.name}"`)));
    const required = route.portName === '' ? 'a port without a name' : `a port named "${route.portName}"`;
    yield {
      subject: entry.subject,
      field: index === -1 ? 'ports' : `ports[${index}].name`,
      message: `Port ${route.port} of Service ${service.meta.name} needs ${required} (${route.protocol}) in its EndpointSlices, but ${slice.meta.name} has ${portNames}. Ports match by name, not by number.`,
      fix:
        route.portName === ''
          ? 'Remove the name of the port in the slice, or use the same name in the Service.'
          : `Write name: ${route.portName} for that port in the slice.`,
    };
  }
}
