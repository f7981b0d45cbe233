/**
 * Switchboard inside a pod network: `outside/` is the process that the user started, `inside/` the one in namespaces of its
 * own, which is the router of the pods and programs its kernel with the Services.
 *
 * @module
 */

export { type Entered, enteredGateway, giveUp, isGatewayProcess } from './entered.ts';
export { type Reach, ReachablePlane } from './reachable-plane.ts';
