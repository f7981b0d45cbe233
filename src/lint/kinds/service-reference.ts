import type { Field } from '../../kube/read/index.ts';
import { type LabelSelector, readLabelSelector } from './label-selector.ts';

/** A reference to a Service and a port number: of a webhook, an APIService, or a CRD's conversion. */
export interface ServiceReference {
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
  readonly field: string;
  /** Whether the object names the port, so that it is not the default. */
  readonly written: boolean;
}

export function readServiceReferences(root: Field): ServiceReference[] {
  const kind = root.child('kind').string() ?? '';
  const spec = root.child('spec');
  if (kind === 'APIService') return reference(spec.child('service'));
  if (kind === 'CustomResourceDefinition') {
    return reference(spec.child('conversion').child('webhook').child('clientConfig').child('service'));
  }
  if (!kind.endsWith('WebhookConfiguration')) return [];
  const webhooks = root.child('webhooks').items();
  return webhooks.flatMap(webhook => reference(webhook.child('clientConfig').child('service')));
}

function reference(field: Field): ServiceReference[] {
  const name = field.child('name').text();
  const namespace = field.child('namespace').text();
  if (name === undefined || namespace === undefined) return [];
  const port = field.child('port').integer();
  return [{ name, namespace, port: port ?? 443, field: field.path, written: port !== undefined }];
}

/** monitoring.coreos.com/v1 ServiceMonitor: Services by label, their ports by *name*. */
export interface ServiceMonitor {
  readonly services: LabelSelector;
  /** undefined: its own namespace; `'any'`: all. */
  readonly namespaces: readonly string[] | 'any' | undefined;
  readonly endpoints: readonly {
    readonly port: string | undefined;
    readonly targetPort: number | string | undefined;
    readonly field: string;
  }[];
}

export function readServiceMonitor(root: Field): ServiceMonitor {
  const spec = root.child('spec');
  const where = spec.child('namespaceSelector');
  const names = where.child('matchNames').strings();
  return {
    services: readLabelSelector(spec.child('selector')),
    namespaces: where.child('any').boolean() === true ? 'any' : names.length > 0 ? names : undefined,
    endpoints: spec
      .child('endpoints')
      .items()
      .map(endpoint => ({
        port: endpoint.child('port').text(),
        targetPort: endpoint.child('targetPort').integerOrString(),
        field: endpoint.child('port').path,
      })),
  };
}
