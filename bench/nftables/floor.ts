/** The minimum cost of a translated connection: one rule, one pod. The rest is added by a proxy's own rules. */
import { nft, POD_ADDRESSES, type Twin } from './topology.ts';
import { serviceAddress } from './world.ts';

export function loadFloor(twin: Twin): void {
  const translate = `ip daddr ${serviceAddress(0)} tcp dport 80 dnat to ${POD_ADDRESSES[0]}:8080`;
  nft(
    twin.node,
    `table ip floor {
  chain prerouting {
    type nat hook prerouting priority -100;
    ${translate}
  }
  chain output {
    type nat hook output priority -100;
    ${translate}
  }
  chain postrouting {
    type nat hook postrouting priority 100;
    ip daddr ${POD_ADDRESSES[0]} masquerade fully-random
  }
}`,
  );
}
