/** A machine with several addresses: another host queries each, and the response comes from that address. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandsMissing, titled } from '../../../testing/requirements.ts';
import { OwnEtc } from '../../support/own-etc.ts';

const WEB = 'web.default.svc.cluster.local';
const MANIFEST = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.0.10, ports: [{ name: http, port: 80 }] }
`;
const missing =
  process.platform === 'linux' && process.getuid?.() === 0
    ? commandsMissing('dig')
    : 'only root on Linux can make another host';

/** Two hosts. dig ignores a response from another address than the one it has queried. */
const HOSTS = `
mount -t tmpfs none /run
ip netns add client
ip link add v0 type veth peer name v1 netns client
ip addr add 192.0.2.1/24 dev v0
ip addr add 192.0.2.9/24 dev v0
ip addr add 10.96.0.53/32 dev lo
ip -6 addr add fd00:2::1/64 dev v0 nodad
ip -6 addr add fd00:2::9/64 dev v0 nodad
ip link set v0 up
ip -n client addr add 192.0.2.2/24 dev v1
ip -n client addr add fd00:2::2/64 dev v1 nodad
ip -n client link set v1 up
ip -n client route add 10.96.0.53 via 192.0.2.1
query() { ip netns exec client dig +short +tries=1 +time=1 -p 1053 "$@" ${WEB}; }
`;

describe.skipIf(missing !== undefined)(titled('all addresses of a machine', missing), () => {
  let system: OwnEtc;
  beforeAll(async () => {
    system = await OwnEtc.create();
    await system.write('web.yaml', MANIFEST);
  });
  afterAll(() => system?.[Symbol.asyncDispose]());

  test.each([
    ['one socket', ''],
    ['two sockets', '--sockets 2'],
  ])('%s: each address answers, and so does one that is added later', async (_what, flags) => {
    const said = await system.inside(`
${HOSTS}
sb dns -f ${system.path}/web.yaml --listen 0.0.0.0:1053 --listen '[::]:1053' --no-forward ${flags} >/dev/null &
until_answer 1053 cluster.local
for address in 192.0.2.1 192.0.2.9 10.96.0.53 fd00:2::1 fd00:2::9; do echo "$address $(query @$address) $(query +tcp @$address)"; done
ip addr add 192.0.2.77/24 dev v0
for i in $(seq 20); do query @192.0.2.77 | grep -q 10.96.0.10 && break; done
echo "192.0.2.77 $(query @192.0.2.77)"
ip addr del 192.0.2.9/24 dev v0
echo "192.0.2.1 $(query @192.0.2.1)"
`);
    expect(said).toBe(
      [
        ...['192.0.2.1', '192.0.2.9', '10.96.0.53', 'fd00:2::1', 'fd00:2::9'].map(at => `${at} 10.96.0.10 10.96.0.10`),
        '192.0.2.77 10.96.0.10',
        '192.0.2.1 10.96.0.10',
        '',
      ].join('\n'),
    );
  });
});
