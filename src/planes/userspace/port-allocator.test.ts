import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressAt, blockOf, cidrContains, parseCidr } from '../../net/index.ts';
import { MOVED_PORTS, NODE_PORTS, PortAllocator, portCandidates } from './port-allocator.ts';

const service = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}\/[a-z][a-z0-9-]{0,12}$/);

describe('PortAllocator', () => {
  it('assigns each Service its own address, outside the range of pods and 127.0.0.0/16', () => {
    fc.assert(
      fc.property(fc.uniqueArray(service, { maxLength: 50 }), services => {
        const book = new PortAllocator();
        const addresses = services.map(name => book.serviceAddress(name));
        expect(new Set(addresses).size).toBe(services.length);
        for (const address of addresses) {
          expect(address).toMatch(/^127\.(12[89]|1[3-9]\d|2\d\d)\.\d{1,3}\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$/);
        }
      }),
    );
  });

  it('keeps addresses while other Services come and go, even when all hashes collide', () => {
    const steps = fc.array(fc.tuple(service, fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(fc.uniqueArray(service, { minLength: 1, maxLength: 5 }), steps, (keepers, others) => {
        const book = new PortAllocator(undefined, keepers.length + 61);
        const before = keepers.map(name => book.serviceAddress(name));
        for (const [name, comes] of others) {
          if (keepers.includes(name)) continue;
          if (comes) book.serviceAddress(name);
          else book.releaseService(name);
        }
        expect(keepers.map(name => book.serviceAddress(name))).toEqual(before);
      }),
    );
  });

  it('assigns the same address in every run', () => {
    fc.assert(
      fc.property(service, name => {
        expect(new PortAllocator().serviceAddress(name)).toBe(new PortAllocator().serviceAddress(name));
      }),
    );
    // Written down, since users write it down too.
    expect(new PortAllocator().serviceAddress('default/web')).toMatchInlineSnapshot(`"127.203.127.99"`);
  });

  it.each<[cidr: string, count: number]>([
    ['10.213.128.0/23', 508],
    ['10.213.0.32/27', 30],
  ])('assigns every address of %s but those that end a subnet or name it', (text, count) => {
    const cidr = parseCidr(text);
    const block = cidr === undefined ? undefined : blockOf(cidr);
    if (cidr === undefined || block === undefined) throw new Error(`${text} is not a block`);
    const book = new PortAllocator(block);
    const addresses = Array.from({ length: count }, (_, index) => book.serviceAddress(`a/${index}`));
    expect(new Set(addresses).size).toBe(count);
    expect(addresses.filter(address => !cidrContains(cidr, address))).toEqual([]);
    expect(addresses.filter(address => /\.(0|255)$/.test(address))).toEqual([]);
    expect(addresses).not.toContain(addressAt(block, 0));
    expect(addresses).not.toContain(addressAt(block, block.size - 1));
    expect(() => book.serviceAddress('a/one-more')).toThrow('no address is left for Service a/one-more');
  });

  it('throws when no address is left', () => {
    const book = new PortAllocator(undefined, 1);
    book.serviceAddress('a/a');
    expect(() => book.serviceAddress('a/b')).toThrow('no address is left for Service a/b');
    book.releaseService('a/a');
    expect(book.serviceAddress('a/b')).toMatch(/^127\./);
  });

  it('separates ports by protocol and address, and returns the holder of a port', () => {
    const book = new PortAllocator();
    const place = { protocol: 'TCP', address: '127.0.0.1', port: 80 } as const;
    expect(book.claim(place, 'a/a')).toBeUndefined();
    expect(book.claim(place, 'a/b')).toBe('a/a');
    expect(book.claim({ ...place, protocol: 'UDP' }, 'a/b')).toBeUndefined();
    expect(book.claim({ ...place, address: '::1' }, 'a/b')).toBeUndefined();
    book.release(place);
    expect(book.claim(place, 'a/b')).toBeUndefined();
  });
});

describe('portCandidates', () => {
  it('starts with the requested port, then walks the range without repeats, the same in every run', () => {
    const wanted = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    fc.assert(
      fc.property(fc.string(), wanted, fc.constantFrom(NODE_PORTS, MOVED_PORTS), (key, port, range) => {
        const ports = [...portCandidates(key, port, range)];
        expect(ports).toEqual([...portCandidates(key, port, range)]);
        expect(new Set(ports).size).toBe(ports.length);
        const derived = port === undefined ? ports : ports.slice(1);
        if (port !== undefined) expect(ports[0]).toBe(port);
        expect(derived.every(p => p >= range.first && p <= range.last)).toBe(true);
        expect(derived.length).toBeGreaterThan(500);
      }),
    );
  });
});
