// Servers that other services stand for: they keep what they were asked and answer as a test wants.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

/** tls: {cert, key} or nothing. answer(request, number) → {status, headers, body}, or null: never. */
export async function startServer(t, tls, answer) {
  const requests = [];
  async function take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const kept = { method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks), at: Date.now() };
    requests.push(kept);
    const said = answer(kept, requests.length);
    if (!said) return;
    response.writeHead(said.status ?? 200, said.headers ?? {}).end(said.body ?? '');
  }
  const handler = (request, response) => { take(request, response).catch(() => response.destroy()); };
  const server = tls ? https.createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, handler) : http.createServer(handler);
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `${tls ? 'https' : 'http'}://localhost:${server.address().port}` };
}
