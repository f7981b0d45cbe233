/** The protocols of a ServicePort, and the families of an address, as the API spells them. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type IpFamily = 'IPv4' | 'IPv6';

export const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
export const IP_FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6'];
