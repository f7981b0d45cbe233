/**
 * The process that the user started: it stays in the host's network, starts the gateway in namespaces of its own, and
 * opens sockets for it. It loads little, since it does little.
 *
 * @module
 */
export { type GatewayEnd, runGateway } from './enter.ts';
export { findIsolation, type Isolation } from './isolation.ts';
