/**
 * The network of a container engine in which pods run, from the side of the process that the user started.
 *
 * @module
 */
export { type GatewayImage, type GatewayImageOptions, gatewayImage } from '../image/gateway-image.ts';
export { type AddressPlan, addressPlan } from './address-plan.ts';
export { EngineNetwork, type NetworkEvents } from './engine-network.ts';
export { type EngineNetworkOptions, ROLE } from './gateway.ts';
export { RelaysIn, RelaysOut } from './relays.ts';
export { RemotePlane } from './remote-plane.ts';
