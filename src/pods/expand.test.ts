import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sets } from '../../test/support/objects.ts';
import type { ObjectEvent, Pod } from '../kube/index.ts';
import { WorkloadPods } from './expand.ts';

interface Shape {
  readonly kind?: string;
  readonly name?: string;
  readonly replicas?: number;
  readonly image?: string;
  readonly owner?: string;
  readonly more?: string;
}

function workload({
  kind = 'Deployment',
  name = 'web',
  replicas,
  image = 'a',
  owner,
  more = '',
}: Shape): ObjectEvent[] {
  const owners = owner === undefined ? '' : `, ownerReferences: [${reference('Deployment', owner)}]`;
  return sets(`apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}${owners} }
spec:
  ${replicas === undefined ? '' : `replicas: ${replicas}`}
  ${more}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} }, annotations: { note: hello } }
    spec: { containers: [{ name: main, image: ${image} }] }
`);
}

function reference(kind: string, name: string): string {
  return `{ apiVersion: apps/v1, kind: ${kind}, name: ${name}, uid: u, controller: true }`;
}

function pod(name: string, app: string, owner?: string): ObjectEvent[] {
  const owners = owner === undefined ? '' : `, ownerReferences: [${reference('ReplicaSet', owner)}]`;
  return sets(`apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${app} }${owners} }
spec: { containers: [{ name: main, image: own }] }
`);
}

const gone = (
  kind: ObjectEvent & { type: 'delete' } extends { kind: infer K } ? K : never,
  name: string,
): ObjectEvent[] => [{ type: 'delete', kind, namespace: 'default', name }];

/** The pods that are there after all events, by name. */
function fold(batches: readonly (readonly ObjectEvent[])[], workloads = new WorkloadPods()): Map<string, Pod> {
  const pods = new Map<string, Pod>();
  for (const batch of batches) {
    for (const event of workloads.apply(batch)) {
      if (event.type === 'delete') {
        if (event.kind === 'Pod') pods.delete(event.name);
      } else if (event.object.kind === 'Pod') pods.set(event.object.meta.name, event.object);
    }
  }
  return pods;
}

const names = (...batches: (readonly ObjectEvent[])[]) => [...fold(batches).keys()];
const HASHED = (name: string, index: number) => expect.stringMatching(new RegExp(`^${name}-[a-z0-9]{6}-${index}$`));

describe('the pods of', () => {
  test.each<[what: string, shape: Shape, expected: unknown[]]>([
    ['a Deployment are named by its template and numbered', { replicas: 2 }, [HASHED('web', 0), HASHED('web', 1)]],
    ['a ReplicaSet likewise', { kind: 'ReplicaSet', replicas: 1 }, [HASHED('web', 0)]],
    ['a workload without replicas: one', {}, [HASHED('web', 0)]],
    ['a workload that is scaled to nothing: none', { replicas: 0 }, []],
    ['a DaemonSet: one, for this is one node', { kind: 'DaemonSet' }, [HASHED('web', 0)]],
    ['a StatefulSet are numbered only', { kind: 'StatefulSet', replicas: 2 }, ['web-0', 'web-1']],
    [
      'a StatefulSet that starts elsewhere',
      { kind: 'StatefulSet', replicas: 2, more: 'ordinals: { start: 5 }' },
      ['web-5', 'web-6'],
    ],
  ])('%s', (_what, shape, expected) => {
    expect(names(workload(shape))).toEqual(expected);
  });

  test('a Deployment have its labels, the hash of its template, its annotations and its name as owner', () => {
    const [made] = [...fold([workload({})]).values()];
    const hash = /^web-(\w{6})-0$/.exec(made?.meta.name ?? '')?.[1];
    expect(made).toMatchObject({
      meta: {
        namespace: 'default',
        labels: { app: 'web', 'pod-template-hash': hash },
        annotations: { note: 'hello' },
        owners: [{ kind: 'Deployment', name: 'web', controller: true }],
      },
      status: { phase: 'Pending', podIPs: [], conditions: [] },
    });
  });

  test('a StatefulSet know their name, number and governing Service', () => {
    const [made] = [...fold([workload({ kind: 'StatefulSet', more: 'serviceName: peers' })]).values()];
    expect(made).toMatchObject({
      meta: {
        labels: { app: 'web', 'statefulset.kubernetes.io/pod-name': 'web-0', 'apps.kubernetes.io/pod-index': '0' },
      },
      spec: { hostname: 'web-0', subdomain: 'peers' },
    });
  });

  test('workloads with the same name and template have different pods', () => {
    const kinds = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'];
    expect(new Set(names(...kinds.map(kind => workload({ kind })))).size).toBe(4);
  });
});

describe('an edit', () => {
  test('of the template creates pods with other names', () => {
    const [before] = names(workload({}));
    expect(names(workload({}), workload({ image: 'b' }))).not.toContain(before);
  });

  test('of the template of a StatefulSet keeps the names', () => {
    const pods = fold([workload({ kind: 'StatefulSet' }), workload({ kind: 'StatefulSet', image: 'b' })]);
    expect([...pods].map(([name, made]) => [name, made.spec.containers[0]?.image])).toEqual([['web-0', 'b']]);
  });

  test('of the replicas reports only added and removed pods', () => {
    const workloads = new WorkloadPods();
    const told = (replicas: number) =>
      workloads.apply(workload({ replicas })).flatMap(event => {
        if (event.type === 'set') return event.object.kind === 'Pod' ? [`+${event.object.meta.name.at(-1)}`] : [];
        return [`-${event.name.at(-1)}`];
      });
    expect([told(1), told(3), told(3), told(2)]).toEqual([['+0'], ['+1', '+2'], [], ['-2']]);
  });

  test('that removes the workload removes its pods', () => {
    expect(names(workload({ replicas: 2 }), gone('Deployment', 'web'))).toEqual([]);
  });
});

describe('a snapshot of a cluster', () => {
  test('keeps its own pods, also those of ReplicaSets of Deployments', () => {
    const snapshot = [
      ...workload({ replicas: 1 }),
      ...workload({ kind: 'ReplicaSet', name: 'web-6f7', replicas: 1, owner: 'web' }),
      ...pod('web-6f7-x2x', 'web', 'web-6f7'),
    ];
    expect(names(snapshot)).toEqual(['web-6f7-x2x']);
    expect(names([...snapshot].reverse())).toEqual(['web-6f7-x2x']);
  });

  test('that arrives later replaces the created pods', () => {
    expect(names(workload({ replicas: 1 }), pod('web-6f7-x2x', 'web', 'web-6f7'))).toEqual(['web-6f7-x2x']);
  });

  test('of a StatefulSet keeps pods with the names of created ones', () => {
    const set = workload({ kind: 'StatefulSet', replicas: 2 });
    const pods = fold([set, pod('web-0', 'web', 'web')]);
    expect([...pods].map(([name, one]) => [name, one.spec.containers[0]?.image])).toEqual([['web-0', 'own']]);
  });

  test('that is removed lets the pods be created again', () => {
    const owned = pod('web-6f7-x2x', 'web', 'web-6f7');
    expect(names(workload({ replicas: 1 }), owned, gone('Pod', 'web-6f7-x2x'))).toEqual([HASHED('web', 0)]);
  });

  test('of other workloads does not matter', () => {
    expect(names(workload({ replicas: 1 }), pod('api-1', 'api', 'api'))).toEqual([HASHED('web', 0), 'api-1']);
  });
});

describe('a pod of the inputs without an owner', () => {
  test('does not replace the pods of a workload', () => {
    expect(names([...workload({}), ...pod('web-debug', 'web')])).toEqual(['web-debug', HASHED('web', 0)]);
  });

  test.each<[what: string, batches: ObjectEvent[][]]>([
    ['before', [pod('web-0', 'web'), workload({ kind: 'StatefulSet', replicas: 2 })]],
    ['together', [[...pod('web-0', 'web'), ...workload({ kind: 'StatefulSet', replicas: 2 })]]],
    ['after', [workload({ kind: 'StatefulSet', replicas: 2 }), pod('web-0', 'web')]],
  ])('counts if it has the name of one of them: %s', (_when, batches) => {
    const images = (pods: Map<string, Pod>) => [...pods].map(([name, one]) => [name, one.spec.containers[0]?.image]);
    expect(images(fold(batches)).sort()).toEqual([
      ['web-0', 'own'],
      ['web-1', 'a'],
    ]);
    expect(images(fold([...batches, gone('StatefulSet', 'web')]))).toEqual([['web-0', 'own']]);
    expect(images(fold([...batches, gone('Pod', 'web-0')])).sort()).toEqual([
      ['web-0', 'a'],
      ['web-1', 'a'],
    ]);
  });
});

test('the pods depend on the latest state only', () => {
  const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const;
  const kind = fc.constantFrom(...KINDS);
  const name = fc.constantFrom('web', 'db');
  const replicas = fc.integer({ min: 0, max: 3 });
  const podName = fc.constantFrom('web-0', 'web-1', 'db-0', 'other');
  const step = fc.oneof(
    fc
      .record({ kind, name, replicas, image: fc.constantFrom('a', 'b') })
      .map(({ replicas: count, ...shape }) =>
        workload(shape.kind === 'DaemonSet' ? shape : { ...shape, replicas: count }),
      ),
    fc.record({ kind, name }).map(shape => gone(shape.kind, shape.name)),
    fc
      .record({ podName, app: name, owner: fc.option(name, { nil: undefined }) })
      .map(p => pod(p.podName, p.app, p.owner)),
    podName.map(one => gone('Pod', one)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      const newest = new Map<string, ObjectEvent>();
      // A source only deletes objects that it has set before.
      const history = steps.map(events =>
        events.filter(event => {
          const id =
            event.type === 'set' ? `${event.object.kind} ${event.object.meta.name}` : `${event.kind} ${event.name}`;
          if (event.type === 'delete') return newest.delete(id);
          newest.set(id, event);
          return true;
        }),
      );
      expect(Object.fromEntries(fold(history))).toEqual(Object.fromEntries(fold([[...newest.values()]])));
    }),
    { numRuns: 300 },
  );
});
