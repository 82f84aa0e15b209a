import { resolve } from 'node:path';
import { messageOf } from '../../model/error-info.ts';
import { InvalidOptionError, MillraceError } from '../../model/errors.ts';
import { redisCache } from './redis-cache.ts';
import { sqliteCache } from './sqlite-cache.ts';
import type { WarmCache } from './warm-cache.ts';

const kinds = 'sqlite:FILE or redis://HOST:PORT, without a password';

/**
 * Reads the address of a cache, with its file as an absolute path: workers may stand elsewhere.
 *
 * @param base - The folder that a relative file is meant from.
 * @throws InvalidOptionError naming what it can be.
 */
export function cacheAddress(text: string, base = '.'): string {
  if (text.startsWith('sqlite:') && text.length > 'sqlite:'.length)
    return `sqlite:${resolve(base, text.slice('sqlite:'.length))}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRedis = (url?.protocol === 'redis:' || url?.protocol === 'rediss:') && url.hostname !== '';
  // Addresses are stored with runs, and shown.
  if (!isRedis || url?.password) throw new InvalidOptionError('cache', text, kinds);
  return text;
}

/** Opens the cache that an address names. @throws MillraceError `CACHE_FAILED` when it can't be opened, `DRIVER_MISSING` */
export async function openCache(address: string): Promise<WarmCache> {
  const known = cacheAddress(address);
  try {
    return await (known.startsWith('sqlite:') ? sqliteCache(known.slice('sqlite:'.length)) : redisCache(known));
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw new MillraceError('CACHE_FAILED', `The cache ${known} can't be opened: ${messageOf(cause)}`, { cause });
  }
}
