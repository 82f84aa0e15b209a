import { messageOf } from '../../model/error-info.ts';
import { InvalidOptionError, MillraceError } from '../../model/errors.ts';
import type { ListedGroup, WarmGroup, WarmKey } from './warm-item.ts';
import type { WarmInput } from './warm-job.ts';

/**
 * Lists the keys of all groups that are wanted, each once. They are listed before the first is loaded: what is not there any more can
 * then be told from what comes later, and a run that is gone on with loads what it set out to.
 *
 * @throws InvalidOptionError when nothing is wanted; MillraceError `NO_READABLE_INPUT` when keys can't be listed.
 */
export async function listKeys(
  groups: readonly WarmGroup[],
  only: WarmInput['only'],
  keysPerChunk?: number,
): Promise<ListedGroup[]> {
  const wanted = groups.filter(({ name }) => only.group === null || name === only.group);
  if (wanted.length === 0) {
    throw new InvalidOptionError('group', only.group, `one of ${groups.map(({ name }) => name).join(', ')}`);
  }
  const listed: ListedGroup[] = [];
  for (const { name, loaders, keys: given } of wanted) {
    const keys = await keysOf(name, given, only.key);
    listed.push({ name, loaders, keys, keysPerChunk: keysPerChunk ?? Math.min(25, Math.ceil(keys.length / chunksWanted)) });
  }
  if (only.key === null) return listed;
  const holding = listed.filter(({ keys }) => keys.length > 0);
  if (holding.length > 0) return holding;
  throw new InvalidOptionError('key', only.key, `a key of ${wanted.map(({ name }) => name).join(' or ')}`);
}

/** Chunks of a group: enough for many workers to end together, and for slow keys to be spread. */
const chunksWanted = 32;

type Listed = ListedGroup['keys'][number];

async function keysOf(group: string, given: WarmGroup['keys'], only: string | null): Promise<Listed[]> {
  const found = new Map<string, Listed>();
  try {
    for await (const one of typeof given === 'function' ? given() : given) {
      const { key, label } = readKey(one);
      const name = String(key);
      if (!found.has(name) && (only === null || name === only)) found.set(name, { key, label: String(label ?? name) });
    }
  } catch (cause) {
    throw new MillraceError('NO_READABLE_INPUT', `The keys of group ${group} can't be listed: ${messageOf(cause)}`, { cause });
  }
  return [...found.values()];
}

function readKey(given: WarmKey): { key: string | number; label?: string | undefined } {
  const one = typeof given === 'object' && given !== null ? given : { key: given };
  const isKey = typeof one.key === 'string' || typeof one.key === 'number';
  if (!isKey) throw new InvalidOptionError('key', one.key, 'a text or a number');
  return one;
}
