// A store of one line per connection: `set KEY VALUE` and `get KEY`.
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const data = new Map();
const server = createServer(socket => {
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket }).on('line', line => {
    const [verb, key, ...rest] = line.trim().split(' ');
    if (verb === 'set') data.set(key, rest.join(' '));
    socket.write(`${process.env.POD_NAME} ${key} = ${data.get(key) ?? '(none)'}\n`);
  });
});

server.listen(5432, process.env.POD_IP, () => console.log(`listening on ${process.env.POD_IP}:5432`));
process.on('SIGTERM', () => process.exit(0));
