import { expect, test } from 'vitest';
import { blockText } from '../../net/index.ts';
import { addressPlan } from './address-plan.ts';

test.each([
  ['10.213.0.0/16', '10.213.0.2', '10.213.64.0/19', '10.213.128.0/17', 256],
  ['192.168.208.0/20', '192.168.208.2', '192.168.212.0/23', '192.168.216.0/21', 256],
  ['172.29.4.0/26', '172.29.4.2', '172.29.4.16/29', '172.29.4.32/27', 4],
])('D17: in %s the gateway is %s, relays %s, cluster IPs %s', (subnet, gateway, relays, clusterIPs, reserved) => {
  const plan = addressPlan(subnet);
  expect(plan.gateway).toBe(gateway);
  expect(blockText(plan.relays)).toBe(relays);
  expect(blockText(plan.clusterIPs)).toBe(clusterIPs);
  // The pods end where the relays begin.
  expect(plan.pods.first + plan.pods.size).toBe(plan.relays.first);
  expect(plan.relays.first - plan.pods.size).toBe(plan.pods.first);
  expect(plan.pods.first % 256 === 0 || reserved < 256).toBe(true);
});

test.each(['10.0.0.0/27', 'fd00::/64', 'x'])('%s is no network for pods', subnet => {
  expect(() => addressPlan(subnet)).toThrow('too small');
});
