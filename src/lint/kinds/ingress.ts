import type { Field } from '../../kube/read/index.ts';

export interface IngressBackend {
  readonly service: string;
  /** A Service port by number or by name. */
  readonly port: number | string | undefined;
  /** The field of the Service's name, and that of the port. */
  readonly nameField: string;
  readonly portField: string;
}

/** networking.k8s.io/v1; skips backends that are resources. */
export function readIngress(root: Field): IngressBackend[] {
  const spec = root.child('spec');
  const paths = spec
    .child('rules')
    .items()
    .flatMap(rule => rule.child('http').child('paths').items());
  return [spec.child('defaultBackend'), ...paths.map(path => path.child('backend'))].flatMap(backend => {
    const service = backend.child('service');
    const name = service.child('name').text();
    if (name === undefined) return [];
    const port = service.child('port');
    const byName = port.child('name').text();
    const chosen = byName === undefined ? port.child('number') : port.child('name');
    const nameField = service.child('name').path;
    return [{ service: name, port: byName ?? port.child('number').integer(), nameField, portField: chosen.path }];
  });
}
