/**
 * A command that finds Services by their names: in a world of its own, a network in which they are where a cluster has
 * them; or, where a system has no such thing, by way of a proxy.
 *
 * @module
 */
export { exitCodeOf, type RunningCommand, startCommand } from './command.ts';
export { type Control, takeControl, takeSignals } from './control.ts';
export { findIsolation, type Isolation } from './isolation.ts';
export { ProxyCredential } from './proxy/credential.ts';
export { type Destination, HTTP_PORT, type Locate } from './proxy/dial.ts';
export { type NameProxy, type NameProxyOptions, openNameProxy, proxyEnvironment } from './proxy/proxy.ts';
export { type ServiceHost, serviceHosts } from './proxy/service-host.ts';
export { enteredWorld, runInWorld, type World, type WorldOptions } from './world.ts';
