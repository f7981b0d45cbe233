import { describe, expect, it } from 'vitest';
import { chooseSubnet, overlaps, parseBlock, parseRouteTable } from './subnets.ts';

describe('the subnet of a network', () => {
  it('is the first candidate that overlaps with nothing', () => {
    const candidates = ['10.244.0.0/16', '172.30.0.0/16', '192.168.240.0/20'];
    expect(chooseSubnet(candidates, [])).toEqual({
      subnet: '10.244.0.0/16',
      gateway: '10.244.0.1',
      range: '10.244.96.0/19',
    });
    expect(chooseSubnet(candidates, ['10.0.0.0/8'])?.subnet).toBe('172.30.0.0/16');
    expect(chooseSubnet(candidates, ['10.244.3.4/32', '172.16.0.0/12'])?.subnet).toBe('192.168.240.0/20');
    expect(chooseSubnet(candidates, ['0.0.0.0/1', '128.0.0.0/1'])).toBeUndefined();
    expect(chooseSubnet(candidates, ['fd00::/8', 'nonsense'])?.subnet).toBe('10.244.0.0/16');
  });

  it.each([
    ['10.0.0.0/8', '10.255.0.0/16', true],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['0.0.0.0/0', '255.255.255.255/32', true],
    ['10.0.0.5/24', '10.0.0.200/32', true],
  ])('%s and %s overlap: %s', (a, b, expected) => {
    const [left, right] = [parseBlock(a), parseBlock(b)];
    expect(left !== undefined && right !== undefined && overlaps(left, right)).toBe(expected);
  });

  it('avoids every route of the machine but the default one', () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'tun0\t0000F40A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
      'eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    ].join('\n');
    expect(parseRouteTable(table)).toEqual(['10.244.0.0/16', '10.0.2.0/24']);
    expect(parseRouteTable('')).toEqual([]);
  });
});
