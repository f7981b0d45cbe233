/**
 * A thread with UDP sockets of its own at the places of another thread's, and a cache of its own; what it does not know
 * it asks that thread for. The kernel deals the askers out by their address and port (SO_REUSEPORT).
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { Epochs } from '../directory/epochs.ts';
import { Responder } from '../responder.ts';
import { DnsStatistics } from '../statistics.ts';
import { AskedAnswers } from './asked-answers.ts';
import { ClientRate } from './client-rate.ts';
import { answerOf, type FromThread, type ThreadSetup, type ToThread } from './thread-messages.ts';
import { UdpListener } from './udp-listener.ts';

const { places, epochs: memory, recursion, ratePerClient }: ThreadSetup = workerData;
const tell = (message: FromThread): void => parentPort?.postMessage(message);

const now = () => performance.now();
const epochs = new Epochs(memory);
const statistics = new DnsStatistics();
const source = new AskedAnswers(recursion, epochs, (id, message) => tell({ kind: 'ask', id, message }));
const responder = new Responder({ source, epochs, statistics, now });
const rate = new ClientRate(ratePerClient);

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'answer') source.answer(message.id, answerOf(message.answer, statistics, now()));
  else tell({ kind: 'counts', counts: statistics.take() });
});
tell(await listen());

async function listen(): Promise<FromThread> {
  for (const place of places) {
    try {
      await UdpListener.open(place, { responder, statistics, rate, now, shared: true });
    } catch (error) {
      return { kind: 'refused', place, code: systemCodeOf(error), why: messageOf(error) };
    }
  }
  return { kind: 'listening' };
}
