import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of this machine for one test. */
export interface HttpSite extends AsyncDisposable {
  /** The URL of a path, which begins with a slash. */
  url(path: string): string;
  /** Paths that were asked for, in their order. */
  readonly asked: readonly string[];
}

/** Serves what `answer` writes; answers 500 when it throws. */
export async function httpSite(answer: (path: string, response: ServerResponse) => unknown): Promise<HttpSite> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    Promise.resolve()
      .then(() => answer(path, response))
      .catch(() => response.writeHead(500).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
