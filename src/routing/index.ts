export type {
  Delivery,
  ExclusionReason,
  ExternalNameRoute,
  ForeignRoute,
  Frontend,
  HeadlessRoute,
  ProxiedRoute,
  Route,
  RouteChange,
  RouteEndpoint,
  RouteKey,
  RouteOmission,
} from './route.ts';
