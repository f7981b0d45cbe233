import { expect, test } from 'vitest';
import { SERVICE_PORT_FIELDS, SERVICE_SPEC_FIELDS } from './known-fields.ts';
import { nearestName } from './nearest.ts';

test.each([
  ['targetport', SERVICE_PORT_FIELDS, 'targetPort'],
  ['target_port', SERVICE_PORT_FIELDS, 'targetPort'],
  ['target-port', SERVICE_PORT_FIELDS, 'targetPort'],
  ['nodeport', SERVICE_PORT_FIELDS, 'nodePort'],
  ['protocl', SERVICE_PORT_FIELDS, 'protocol'],
  ['selectors', SERVICE_SPEC_FIELDS, 'selector'],
  ['clusterIp', SERVICE_SPEC_FIELDS, 'clusterIP'],
  ['policy', SERVICE_SPEC_FIELDS, undefined],
  ['loadBalancerSource', SERVICE_SPEC_FIELDS, 'loadBalancerSourceRanges'],
  ['replicas', SERVICE_SPEC_FIELDS, undefined],
  ['x', SERVICE_PORT_FIELDS, undefined],
  ['x'.repeat(10_000), SERVICE_PORT_FIELDS, undefined],
])('%s', (name, known, expected) => {
  expect(nearestName(name, known)).toBe(expected);
});
