// Two ports: answers on 8080, a counter on 9100.
import { createServer } from 'node:http';

const host = process.env.POD_IP;
let requests = 0;

const api = createServer((_request, response) => {
  requests += 1;
  const web = `${process.env.WEB_SERVICE_HOST}:${process.env.WEB_SERVICE_PORT_HTTP}`;
  response.end(`${JSON.stringify({ pod: process.env.POD_NAME, web })}\n`);
});
const metrics = createServer((_request, response) => response.end(`shop_requests_total ${requests}\n`));

api.listen(8080, host);
metrics.listen(9100, host, () => console.log(`listening on ${host}:8080 and ${host}:9100`));
process.on('SIGTERM', () => {
  for (const server of [api, metrics]) {
    server.close();
    server.closeIdleConnections();
  }
});
