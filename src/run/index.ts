/**
 * Runs a command that finds Services by their names: in a sandbox with a network of its own, where they listen as in a
 * cluster, or, where the system does not allow that, through a proxy.
 *
 * @module
 */
export { exitCodeOf, type RunningCommand, startCommand } from './command.ts';
export { type Control, followControl, handleSignals } from './control.ts';
export { findIsolation, type Isolation } from './isolation.ts';
export { type NameFiles, nameFiles } from './name-files.ts';
export { ProxyCredential } from './proxy/credential.ts';
export { type Destination, HTTP_PORT, type Locate } from './proxy/dial.ts';
export { type NameProxy, type NameProxyOptions, openNameProxy, proxyEnvironment } from './proxy/proxy.ts';
export { type ServiceHost, serviceHosts } from './proxy/service-host.ts';
export { enteredSandbox, runInSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
