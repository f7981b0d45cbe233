export { compileService, routeKey } from './compile.ts';
export { diffRoutes } from './diff.ts';
export { type NodePortAddresses, nodePortAddressesOf, takesNodePortsEverywhere } from './node-ports.ts';
export {
  allowedLoadBalancers,
  type Packet,
  PacketTracer,
  type TracedNode,
  type TraceReason,
  type TraceResult,
} from './packet-tracer.ts';
export type {
  Delivery,
  ExclusionReason,
  ExternalNameRoute,
  Frontend,
  HeadlessRoute,
  OtherProxyRoute,
  ProxiedRoute,
  Route,
  RouteChange,
  RouteEndpoint,
  RouteKey,
} from './route.ts';
export { couldBeEndpoint, type RouteState, routeState } from './state.ts';
export { RouteTable, sameRoute } from './table.ts';
export type { NodeContext } from './topology.ts';
