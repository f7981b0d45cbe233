/**
 * Starts commands, and a proxy by which they find Services where the system does not allow them a network of their own.
 *
 * @module
 */
export { type RunningCommand, startCommand } from './command.ts';
export { ProxyCredential } from './proxy/credential.ts';
export { type Destination, HTTP_PORT, type Locate } from './proxy/dial.ts';
export { type NameProxy, type NameProxyOptions, openNameProxy, proxyEnvironment } from './proxy/proxy.ts';
export { type ServiceHost, serviceHosts } from './proxy/service-host.ts';
