/**
 * A route: one Service port in one IP family, with everything a plane or a reader needs to know about it. It is
 * compiled from one Service, its slices and this node (`compile.ts`), and is the only place where routing is decided.
 *
 * @module
 */

import type { EndpointsOrigin, SkippedPod } from '../endpoints/index.ts';
import type { Cidr } from '../kube/address.ts';
import type { Labels, LoadBalancerIngress, ObjectReference, ServiceType, TrafficPolicy } from '../kube/objects.ts';
import type { IpFamily, Protocol } from '../kube/protocol.ts';

/** `namespace/service:portName/PROTOCOL/family`; stays the same when a port changes its number. */
export type RouteKey = string;

/**
 * What a client dials. An address or node port that is undefined is one that a control plane would allocate and
 * nobody has: plain manifests. Planes that need real addresses pass over those, the userspace plane gives them one.
 */
export type Frontend =
  | { readonly kind: 'clusterIP'; readonly address: string | undefined; readonly port: number }
  | { readonly kind: 'externalIP'; readonly address: string; readonly port: number }
  | { readonly kind: 'loadBalancer'; readonly address: string | undefined; readonly port: number }
  | { readonly kind: 'nodePort'; readonly port: number | undefined };

/** Why an endpoint gets no traffic of a kind. */
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
  /** undefined: it is used for this kind of traffic. */
  readonly excludedInternal?: ExclusionReason;
  readonly excludedExternal?: ExclusionReason;
}

/** What happens to a connection: spread over endpoints, refused at once, or left without an answer. */
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
  /** As the Service asks for it: a number or a name. */
  readonly targetPort: number | string;
  readonly appProtocol?: string;
  /** All endpoints of the port, used or not, in a stable order. */
  readonly endpoints: readonly RouteEndpoint[];
  /** Pods of the Service that are no endpoint of this port, and why. */
  readonly skippedPods: readonly SkippedPod[];
  /** Where the endpoints come from; `none`: no selector, no slices, no Endpoints. */
  readonly origin: EndpointsOrigin;
  readonly selector?: Labels;
  /** How many pods the selector matches, those left out included; 0 without a selector. */
  readonly selected: number;
}

/** Clients dial a frontend and are carried to an endpoint. */
export interface ProxiedRoute extends RouteBase {
  readonly kind: 'proxied';
  readonly frontends: readonly Frontend[];
  /** Frontends that this Service names too, and an older one holds. */
  readonly contested: readonly { readonly frontend: Frontend; readonly winner: string }[];
  /** Dialled on a cluster IP. */
  readonly internal: Delivery;
  /** Dialled from outside on an external frontend. */
  readonly external: Delivery;
  /** Dialled on an external frontend by a local pod or the node itself. */
  readonly externalFromLocal: Delivery;
  readonly internalTrafficPolicy: TrafficPolicy;
  readonly externalTrafficPolicy: TrafficPolicy;
  readonly affinityTimeoutSeconds?: number;
  /** Bind load-balancer frontends only; empty: everybody. */
  readonly sourceRanges: readonly Cidr[];
  /** Load-balancer addresses that are not captured: hostnames, and IPs of ipMode Proxy. */
  readonly uncaptured: readonly LoadBalancerIngress[];
  readonly healthCheckNodePort?: number;
}

/** clusterIP: None: clients get the pods' addresses from DNS and dial the target port themselves. */
export interface HeadlessRoute extends RouteBase {
  readonly kind: 'headless';
}

/** A DNS alias; ports mean nothing. `port` is 0 where the Service lists none. */
export interface ExternalNameRoute extends RouteBase {
  readonly kind: 'externalName';
  readonly externalName: string;
}

/** The label service.kubernetes.io/service-proxy-name gives the Service to another proxy. */
export interface OtherProxyRoute extends RouteBase {
  readonly kind: 'otherProxy';
  readonly proxyName: string;
}

export type Route = ProxiedRoute | HeadlessRoute | ExternalNameRoute | OtherProxyRoute;

/** What a plane gets. `previous` lets it work in proportion to the difference. */
export type RouteChange =
  | { readonly type: 'set'; readonly route: Route; readonly previous?: Route }
  | { readonly type: 'delete'; readonly route: Route };
