export { acceptLinks } from './accept.ts';
export { datagramsOf, datagramsOver, joinDatagrams } from './datagrams.ts';
export type { DatagramPeer, Link, LinkHandlers } from './link.ts';
export { openLink } from './open.ts';
export { breakOff, join } from './streams.ts';
