/**
 * Relays bytes between two connected TCP sockets, for Service connections and proxies alike.
 *
 * @module
 */
export { Relay, type RelayBytes, relay, reset } from './relay.ts';
