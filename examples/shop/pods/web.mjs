// A web server whose readiness can be switched: POST /break and POST /fix.
import { createServer } from 'node:http';

const at = (process.env.LISTEN ?? '127.0.0.1:8080').lastIndexOf(':');
const [host, port] = [process.env.LISTEN?.slice(0, at), Number(process.env.LISTEN?.slice(at + 1))];
let ready = true;

const server = createServer((request, response) => {
  if (request.url === '/ready') response.writeHead(ready ? 200 : 503).end(ready ? 'ok\n' : 'broken\n');
  else if (request.method === 'POST' && (request.url === '/break' || request.url === '/fix')) {
    ready = request.url === '/fix';
    response.end(`${process.env.POD_NAME} is ${ready ? 'ready' : 'not ready'}\n`);
  } else response.end(`${process.env.GREETING} from ${process.env.POD_NAME}\n`);
});

server.listen(port, host, () => console.log(`listening on ${host}:${port}`));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
