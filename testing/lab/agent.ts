/** Runs in each host of a lab: serves and dials on request, and exits when its channel closes. */
import { relayToSocket } from '../relays.ts';
import { dialAll, forgetFlows } from './dialling.ts';
import { serveTcp, serveUdp } from './echo.ts';
import { type DialAnswer, isRequest, type Order, type Reply } from './messages.ts';

process.on('disconnect', () => process.exit(0));
// The terminal sends Ctrl-C to the process that owns the lab, which ends this one.
process.on('SIGINT', () => {});
process.on('message', message => {
  if (!isRequest(message)) return;
  const { id, order } = message;
  obey(order).then(
    answers => reply({ id, answers }),
    (error: unknown) => reply({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
reply({ id: 0, answers: [] });

async function obey(order: Order): Promise<readonly DialAnswer[]> {
  switch (order.order) {
    case 'serve': {
      const { host, addresses, tcp, udp } = order;
      for (const port of tcp) {
        if (addresses.length === 0) await serveTcp(host, port);
        for (const address of addresses) await serveTcp(host, port, address);
      }
      for (const port of udp) for (const address of addresses) await serveUdp(host, port, address);
      return [];
    }
    case 'dial':
      return await dialAll(order.dials);
    case 'relay':
      await relayToSocket(order.port, order.path);
      return [];
    case 'forgetFlows':
      forgetFlows();
      return [];
  }
}

function reply(message: Reply): void {
  process.send?.(message);
}
