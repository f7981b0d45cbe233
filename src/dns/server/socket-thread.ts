/**
 * A worker thread with its own UDP sockets on the addresses of the main thread, and its own cache. It sends the main
 * thread the queries that it cannot answer. The kernel distributes clients by address and port (SO_REUSEPORT).
 *
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { ownNetwork } from '../../system/index.ts';
import type { EncodedAnswer, Question } from '../answers.ts';
import { Epochs } from '../directory/epochs.ts';
import { Responder } from '../responder.ts';
import { DnsStatistics } from '../statistics.ts';
import { ClientRate } from './client-rate.ts';
import { type FromThread, monotonicOrigin, type ThreadSetup, type ToThread } from './socket-threads.ts';
import { UdpListener } from './udp-listener.ts';
import { WorkerAnswerSource } from './worker-answer-source.ts';

const { places, epochs: memory, recursion, ratePerClient, clockOrigin }: ThreadSetup = workerData;
const post = (message: FromThread): void => parentPort?.postMessage(message);

/** The clock of the main thread, so that answers keep their times. */
const behind = monotonicOrigin() - clockOrigin;
const now = () => performance.now() + behind;
const epochs = new Epochs(memory);
const statistics = new DnsStatistics();
const send = (id: number, question: Question): void => post({ kind: 'question', id, question });
const source = new WorkerAnswerSource({ recursion, epochs, send });
const responder = new Responder({ source, epochs, statistics, now });
const rate = new ClientRate(ratePerClient);

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'count') post({ kind: 'counts', counts: statistics.take() });
  else source.answer(message.id, message.answer && received(message.answer));
});
post(await listen());

async function listen(): Promise<FromThread> {
  for (const place of places) {
    try {
      await UdpListener.open(place, { responder, statistics, rate, now, shared: true, network: ownNetwork });
    } catch (error) {
      return { kind: 'refused', place, code: systemCodeOf(error), why: messageOf(error) };
    }
  }
  return { kind: 'listening' };
}

/** Counts a received answer in this thread. A message has bytes in place of a Buffer. */
function received(answer: EncodedAnswer): EncodedAnswer {
  const { bytes, count } = answer;
  return {
    ...answer,
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    count: statistics.of(count.zone, count.type, count.rcode, 'udp'),
  };
}
