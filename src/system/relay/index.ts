/**
 * Carries bytes between two connected TCP sockets: the only place that does, for Service connections and proxies alike.
 *
 * @module
 */
export { Relay, type RelayBytes, relay, reset } from './relay.ts';
