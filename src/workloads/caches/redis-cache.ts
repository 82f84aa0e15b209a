import { MillraceError } from '../../model/errors.ts';
import { inParts, movesAtOnce, type WarmCache } from './warm-cache.ts';

/** The part of the client that is used here: its own types would have to be installed to read ours. */
interface RedisClient {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: { PX: number }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  scanIterator(options: { MATCH: string; COUNT: number }): AsyncIterable<string[]>;
  unlink(keys: string[]): Promise<number>;
}

type CreateClient = (options: object) => RedisClient;

/** The package that is imported when the first cache of this kind is opened. */
const clientPackage = '@redis/client';

/** Holds the password of caches that have one: addresses are stored with runs. */
export const redisPasswordVariable = 'MILLRACE_REDIS_PASSWORD';

/** Runs in one step: no reader comes between the end of the old value and the new one. */
const swapScript = `for place = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[place]) == 1 then
    redis.call('RENAME', KEYS[place], KEYS[place + 1])
    redis.call('PEXPIRE', KEYS[place + 1], ARGV[(place + 1) / 2])
  end
end`;

/**
 * A cache in a Redis server, as plain keys with a time to live.
 *
 * @throws MillraceError `DRIVER_MISSING`, saying what to install; `CACHE_FAILED` when the server can't be reached.
 */
export async function redisCache(url: string): Promise<WarmCache> {
  const client = await connect(url);
  return {
    get: async (key) => (await client.get(key)) ?? undefined,
    set: async (key, value, ttlMs) => void (await client.set(key, value, { PX: ttlMs })),
    async swap(moves) {
      for (const part of inParts(moves, movesAtOnce)) {
        const keys = part.flatMap(({ from, to }) => [from, to]);
        await client.eval(swapScript, { keys, arguments: part.map(({ ttlMs }) => String(ttlMs)) });
      }
    },
    async deletePrefix(prefix, except) {
      let deleted = 0;
      const pattern = `${prefix.replace(/[\\*?[\]^-]/g, '\\$&')}*`;
      for await (const found of client.scanIterator({ MATCH: pattern, COUNT: 1_000 })) {
        const stale = found.filter((key) => !except?.has(key));
        if (stale.length > 0) deleted += await client.unlink(stale);
      }
      return deleted;
    },
    close: async () => void (await client.close()),
  };
}

async function connect(url: string): Promise<RedisClient> {
  const createClient = await importClient();
  const password = process.env[redisPasswordVariable];
  let isUp = false;
  const client = createClient({
    url,
    ...(password !== undefined && { password }),
    // While the server is away a write fails at once, and its item with it; later ones find the server again.
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: (tries: number) => isUp && Math.min(100 * 2 ** tries, 2_000) },
  });
  // Without a listener the process would end; whoever waits for a command is told of the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new MillraceError('CACHE_FAILED', `The cache ${url} can't be reached: ${(cause as Error).message}`, { cause });
  }
  isUp = true;
  return client;
}

async function importClient(): Promise<CreateClient> {
  try {
    // A name in a variable: bundlers and the compiler leave it alone, since it need not be there.
    const name = clientPackage;
    return ((await import(name)) as { createClient: CreateClient }).createClient;
  } catch (cause) {
    const why = (cause as Error).message.split('\n')[0];
    throw new MillraceError(
      'DRIVER_MISSING',
      `A Redis cache needs a package that is not part of millrace (${why}). Install it: npm install ${clientPackage}`,
      { cause },
    );
  }
}
