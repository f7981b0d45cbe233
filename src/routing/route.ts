/**
 * A route: one Service port in one IP family, with everything that planes and readers need. It is compiled from a Service,
 * its slices and this node (`compile.ts`); routing is decided nowhere else.
 *
 * @module
 */

import type { EndpointsOrigin, SkippedPod } from '../endpoints/index.ts';
import type { Labels, LoadBalancerIngress, ObjectReference, ServiceType, TrafficPolicy } from '../kube/index.ts';
import type { Cidr, IpFamily, Protocol } from '../net/index.ts';

/** `namespace/service:portName/PROTOCOL/family`; stays the same when a port changes its number. */
export type RouteKey = string;

/**
 * What a client dials. In plain manifests, an address or node port that a control plane would allocate is undefined.
 * Planes that need real addresses skip it; the userspace plane chooses one.
 */
export type Frontend =
  | { readonly kind: 'clusterIP'; readonly address: string | undefined; readonly port: number }
  | { readonly kind: 'externalIP'; readonly address: string; readonly port: number }
  | { readonly kind: 'loadBalancer'; readonly address: string | undefined; readonly port: number }
  | { readonly kind: 'nodePort'; readonly port: number | undefined };

/** Why an endpoint gets no traffic of one kind. */
export type ExclusionReason = 'not-ready' | 'terminating' | 'other-node' | 'other-zone' | 'other-node-hint';

export interface RouteEndpoint {
  /** Canonical. */
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** On this node. */
  readonly local: boolean;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  /** undefined: used for internal traffic. */
  readonly excludedInternal?: ExclusionReason;
  readonly excludedExternal?: ExclusionReason;
}

/** What happens to a connection: balanced over endpoints, rejected, or dropped. */
export type Delivery =
  | { readonly kind: 'endpoints'; readonly endpoints: readonly RouteEndpoint[] }
  | { readonly kind: 'reject' }
  | { readonly kind: 'drop' };

interface RouteBase {
  readonly key: RouteKey;
  /** `namespace/name` */
  readonly service: string;
  readonly namespace: string;
  readonly name: string;
  readonly type: ServiceType;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly family: IpFamily;
  readonly port: number;
  /** As in the Service: a number or a name. */
  readonly targetPort: number | string;
  readonly appProtocol?: string;
  /** All endpoints of the port, used or not, in a stable order. */
  readonly endpoints: readonly RouteEndpoint[];
  /** The Service's pods that are not an endpoint of this port, or an unready one, with the reason. */
  readonly skippedPods: readonly SkippedPod[];
  /** Where the endpoints come from; `none`: no selector, no slices, no Endpoints. */
  readonly origin: EndpointsOrigin;
  readonly selector?: Labels;
  /** The number of pods that the selector matches, skipped pods included; 0 without a selector. */
  readonly selected: number;
}

/** Clients dial a frontend, and the plane forwards the connection to an endpoint. */
export interface ProxiedRoute extends RouteBase {
  readonly kind: 'proxied';
  readonly frontends: readonly Frontend[];
  /** Frontends that this Service claims and an older Service holds. */
  readonly contested: readonly { readonly frontend: Frontend; readonly winner: string }[];
  /** For connections to a cluster IP. */
  readonly internal: Delivery;
  /** For connections from outside the cluster to an external frontend. */
  readonly external: Delivery;
  /** For connections from a local pod or the node itself to an external frontend. */
  readonly externalFromLocal: Delivery;
  readonly internalTrafficPolicy: TrafficPolicy;
  readonly externalTrafficPolicy: TrafficPolicy;
  readonly affinityTimeoutSeconds?: number;
  /** Apply to load-balancer frontends only; empty: all sources are allowed. */
  readonly sourceRanges: readonly Cidr[];
  /** Load-balancer addresses that are not captured: hostnames, and IPs of ipMode Proxy. */
  readonly uncaptured: readonly LoadBalancerIngress[];
  readonly healthCheckNodePort?: number;
}

/** clusterIP: None. Clients get the pods' addresses from DNS and dial the target port themselves. */
export interface HeadlessRoute extends RouteBase {
  readonly kind: 'headless';
}

/** A DNS alias; ports have no meaning. `port` is 0 if the Service lists none. */
export interface ExternalNameRoute extends RouteBase {
  readonly kind: 'externalName';
  readonly externalName: string;
}

/** The label service.kubernetes.io/service-proxy-name assigns the Service to another proxy. */
export interface OtherProxyRoute extends RouteBase {
  readonly kind: 'otherProxy';
  readonly proxyName: string;
}

export type Route = ProxiedRoute | HeadlessRoute | ExternalNameRoute | OtherProxyRoute;

/** The input of a plane. With `previous`, its work can be proportional to the difference. */
export type RouteChange =
  | { readonly type: 'set'; readonly route: Route; readonly previous?: Route }
  | { readonly type: 'delete'; readonly route: Route };
