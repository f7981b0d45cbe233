import type { Field } from '../../kube/read/index.ts';

/** Kinds of gateway.networking.k8s.io whose rules name Services. */
export const GATEWAY_ROUTES: ReadonlySet<string> = new Set([
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
]);

export interface BackendRef {
  readonly name: string;
  /** undefined: the route's own. */
  readonly namespace: string | undefined;
  readonly port: number | undefined;
  readonly field: string;
}

/** The backendRefs that are Services. */
export function readGatewayRoute(root: Field): BackendRef[] {
  const rules = root.child('spec').child('rules').items();
  return rules
    .flatMap(rule => rule.child('backendRefs').items())
    .flatMap(ref => {
      const name = ref.child('name').text();
      const isService = !ref.child('group').text() && (ref.child('kind').text() ?? 'Service') === 'Service';
      if (name === undefined || !isService) return [];
      return [{ name, namespace: ref.child('namespace').text(), port: ref.child('port').integer(), field: ref.path }];
    });
}

export interface ReferenceGrant {
  readonly from: readonly { readonly kind: string; readonly namespace: string }[];
  readonly to: readonly { readonly kind: string; readonly name: string | undefined }[];
}

export function readReferenceGrant(root: Field): ReferenceGrant {
  const spec = root.child('spec');
  return {
    from: spec
      .child('from')
      .items()
      .map(item => ({ kind: item.child('kind').string() ?? '', namespace: item.child('namespace').string() ?? '' })),
    to: spec
      .child('to')
      .items()
      .map(item => ({ kind: item.child('kind').string() ?? '', name: item.child('name').text() })),
  };
}
