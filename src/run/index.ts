/**
 * What a command needs to find Services by their names: namespaces with the files that resolve names, or, where the system
 * does not allow that, a proxy.
 *
 * @module
 */
export { exitCodeOf, type RunningCommand, startCommand } from './command.ts';
export { handleSignals } from './control.ts';
export { findIsolation, type Isolation } from './isolation.ts';
export { type NameFiles, nameFiles } from './name-files.ts';
export { ProxyCredential } from './proxy/credential.ts';
export { type Destination, HTTP_PORT, type Locate } from './proxy/dial.ts';
export { type NameProxy, type NameProxyOptions, openNameProxy, proxyEnvironment } from './proxy/proxy.ts';
export { type ServiceHost, serviceHosts } from './proxy/service-host.ts';
