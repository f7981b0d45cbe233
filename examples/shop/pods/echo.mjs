// Echoes over TCP and UDP.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const host = process.env.POD_IP;
const tcp = createServer(socket => {
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
});
const udp = createSocket('udp4', (message, from) => udp.send(message, from.port, from.address));

udp.bind(7007, host);
tcp.listen(7007, host, () => console.log(`listening on ${host}:7007, TCP and UDP`));
process.on('SIGTERM', () => process.exit(0));
