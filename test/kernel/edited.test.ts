/** Another program edits the plane's tables while it runs. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { SIX, service, slice, stickyFor } from './manifests.ts';
import { withNamespace } from './namespace.ts';
import { PlaneChild } from './plane-child.ts';

const run = promisify(execFile);

const OPTIONS = {
  nodeAddresses: ['192.0.2.1', 'fd00:c0::1'],
  localTraffic: { kind: 'cidrs', cidrs: [{ family: 'IPv4', network: '10.0.0.0', prefix: 16 }] },
  watchMs: 20,
} as const;

const OBJECTS = [
  service('web', '10.96.0.10', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }] }),
  slice('web', ['10.0.0.1', '10.0.0.2', '10.0.0.3']),
  service('kept', '10.96.0.11', stickyFor(60)),
  slice('kept', ['10.0.0.1', '10.0.0.2']),
  service('idle', '10.96.0.12'),
  service('open', '10.96.0.13', { type: 'LoadBalancer', loadBalancerSourceRanges: ['198.51.100.0/24'] }, [
    '203.0.113.9',
  ]),
  slice('open', ['10.0.0.4']),
  service('six', 'fd00:96::10', SIX),
  slice('six', ['fd00::1', 'fd00::2']),
];

interface Edit {
  readonly name: string;
  readonly commands: string;
  /** What `verify` has to report: the place, and what is there. */
  readonly differs: readonly (readonly [string, string])[];
}

const EDITS: readonly Edit[] = [
  {
    name: 'an endpoint is deleted',
    commands: 'delete element ip switchboard endpoints { 0:1 . 10.96.0.10 . tcp . 80 }',
    differs: [['10.96.0.10 . 6 . 80', 'an empty slot']],
  },
  {
    name: 'an endpoint is exchanged',
    commands: `delete element ip switchboard node_endpoints { 0:0 . tcp . 30080 }
add element ip switchboard node_endpoints { 0:0 . tcp . 30080 : 10.9.9.9 . 8080 }`,
    differs: [['6 . 30080', '10.9.9.9 . 8080']],
  },
  {
    name: 'a sticky endpoint is exchanged',
    commands: 'flush map ip switchboard sticky_endpoints',
    differs: [['10.96.0.11 . 6 . 80', 'an empty slot']],
  },
  {
    name: 'a frontend is added',
    commands: 'add element ip switchboard frontends { 10.96.0.99 . tcp . 80 : ffff:ffff }',
    differs: [['10.96.0.99 . 6 . 80', '']],
  },
  {
    name: 'a rejected frontend is deleted',
    commands: 'flush set ip switchboard rejected',
    differs: [['10.96.0.12 . 6 . 80', 'nothing']],
  },
  {
    name: 'the chains are no longer referred to',
    commands: 'flush map ip switchboard dispatch',
    differs: [['10.96.0.10 . 6 . 80', '']],
  },
  {
    name: 'a source range is added',
    commands: 'add element ip switchboard allowed_sources { 203.0.113.9 . tcp . 80 . 192.0.2.0/25 }',
    differs: [['203.0.113.9 . 6 . 80', '192.0.2.0/25']],
  },
  {
    name: 'a cluster IP is deleted',
    commands: 'delete element ip switchboard cluster_ips { 10.96.0.12 }',
    differs: [['cluster_ips 10.96.0.12', 'missing']],
  },
  {
    name: 'a pod network is deleted',
    commands: 'flush set ip switchboard pod_networks',
    differs: [['pod_networks 10.0.0.0/16', 'missing']],
  },
  {
    name: 'the rules of a chain are flushed',
    commands: 'flush chain ip switchboard nat-prerouting',
    differs: [['chain nat-prerouting', '0']],
  },
  {
    name: 'a rule is added to a chain of endpoints',
    commands: 'add rule ip switchboard service-cluster-3 counter',
    differs: [['chain service-cluster-3', '']],
  },
  {
    name: 'all rules are flushed',
    commands: 'flush table ip switchboard',
    differs: [['chain masquerading', '0']],
  },
  {
    name: 'the table of IPv6 is deleted',
    commands: 'delete table ip6 switchboard',
    differs: [['table ip6 switchboard', 'none']],
  },
  {
    name: 'the whole ruleset is flushed',
    commands: 'flush ruleset',
    differs: [
      ['table ip switchboard', 'none'],
      ['table ip6 switchboard', 'none'],
    ],
  },
  {
    name: 'another table of the same name replaces it',
    commands: 'delete table ip switchboard\nadd table ip switchboard\nadd chain ip switchboard c',
    differs: [['table ip switchboard', 'another version']],
  },
  {
    name: 'a map is deleted',
    commands: `flush chain ip switchboard unserved
delete set ip switchboard node_dropped`,
    differs: [['table ip switchboard', 'edited']],
  },
];

const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: tables edited by another program', () => {
  it('is reported by verify and repaired while the plane runs, whatever was edited', async () => {
    await withNamespace(async namespace => {
      const nft = (text: string) => run('ip', ['netns', 'exec', namespace, 'nft', text]);
      await using plane = await PlaneChild.start(namespace, OPTIONS);
      await plane.apply(OBJECTS);
      await using looking = await PlaneChild.start(namespace, OPTIONS);
      expect(await looking.verifyOther(OBJECTS)).toEqual([]);
      for (const { name, commands, differs } of EDITS) {
        const before = plane.repairs();
        // Stopped, so that the plane does not repair what the test examines.
        plane.signal('SIGSTOP');
        await nft(commands);
        const found = await looking.verifyOther(OBJECTS);
        plane.signal('SIGCONT');
        for (const [where, what] of differs) {
          const reported = found.filter(difference => difference.where === where && difference.found.includes(what));
          expect(reported, `${name}: ${JSON.stringify(found)}`).not.toEqual([]);
        }
        await plane.until(name, () => plane.repairs() >= before + 2);
        expect(await looking.verifyOther(OBJECTS), name).toEqual([]);
        expect(await plane.verify(), name).toEqual([]);
      }
      expect(plane.events.filter(({ event }) => event !== 'repaired')).toEqual([]);
    });
  }, 60_000);

  it('is not repaired when other tables change, or when the plane itself changes it', async () => {
    await withNamespace(async namespace => {
      const nft = (text: string) => run('ip', ['netns', 'exec', namespace, 'nft', text]);
      await using plane = await PlaneChild.start(namespace, OPTIONS);
      await plane.apply(OBJECTS);
      await nft('add table ip other');
      for (let i = 1; i <= 5; i++) {
        await nft(`add set ip other s${i} { type ipv4_addr; elements = { 10.0.0.${i} }; }`);
        await plane.apply([slice('web', [`10.0.0.${i}`])]);
        await plane.ask({ order: 'rest' });
      }
      await nft('delete table ip other');
      await plane.ask({ order: 'rest' });
      expect(plane.repairs()).toBe(0);
      // It still checks.
      await nft('flush set ip switchboard cluster_ips');
      await plane.until('a repair', () => plane.repairs() === 2);
      expect(await plane.verify()).toEqual([]);
    });
  }, 30_000);

  it('is not repaired after a large change by the plane that takes longer than the check interval', async () => {
    await withNamespace(async namespace => {
      await using plane = await PlaneChild.start(namespace, { ...OPTIONS, watchMs: 1 });
      await plane.apply(OBJECTS);
      const addresses = (host: number) => Array.from({ length: 200 }, (_, i) => `10.1.${host}.${i + 1}`);
      const services = Array.from({ length: 40 }, (_, i) => [
        service(`m${i}`, `10.96.1.${i + 1}`),
        slice(`m${i}`, addresses(i)),
      ]);
      await plane.apply(services.flat());
      await plane.ask({ order: 'rest' });
      expect(plane.repairs()).toBe(0);
      expect(await plane.verify()).toEqual([]);
    });
  }, 30_000);

  it('is repaired with the next batch if that comes before the next check', async () => {
    await withNamespace(async namespace => {
      await using plane = await PlaneChild.start(namespace, { ...OPTIONS, watchMs: 0 });
      await plane.apply(OBJECTS);
      await run('ip', ['netns', 'exec', namespace, 'nft', 'flush ruleset']);
      await plane.apply([slice('web', ['10.0.0.1'])]);
      expect(await plane.verify()).toEqual([]);
    });
  }, 30_000);
});
