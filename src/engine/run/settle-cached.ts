import type { CachedOutput, CacheName } from '../../model/cache.ts';
import { decode, encode, type Payload } from '../../model/codec.ts';
import type { Reply } from '../../model/executor.ts';
import type { SessionCache } from '../live/cache-names.ts';
import type { LiveBatch } from '../live/live-batch.ts';
import type { LiveSession } from '../live/live-session.ts';
import type { Settled } from '../live/settled.ts';
import { settleReply } from './settle.ts';
import { writeEndings } from './write-endings.ts';

/** What a hit counts as for the size of the next groups: they grow to 16, in case what follows is not in the cache. */
const hitMs = 0.5;

/**
 * Completes the claimed batches whose outputs earlier sessions left, by the same way as if a worker had answered.
 *
 * @returns Those that must be run.
 */
export async function settleCached(
  session: LiveSession,
  cache: SessionCache,
  claimed: readonly LiveBatch[],
): Promise<readonly LiveBatch[]> {
  const named = claimed.flatMap((batch) => {
    const name = isWhole(batch) ? cache.nameOf(batch) : null;
    return name ? [{ batch, name }] : [];
  });
  if (named.length === 0) return claimed;
  const { store, persist, clock } = session.ports;
  const parts = named.map(({ name: { range, key } }) => ({ range, key }));
  const found = await persist(() => store.findCached({ job: session.job.name, series: cache.series, parts }));
  const now = clock.now();
  const hits = named.flatMap(({ batch, name }, index) => {
    const reply = replyOf(session, batch, name, found[index] ?? null);
    return reply ? [asHit(settleReply(session, batch, reply, now), name)] : [];
  });
  if (hits.length === 0) return claimed;
  session.groupSize.learn(hits.length, hits.length * hitMs);
  await writeEndings(session, hits);
  const done = new Set(hits.map(({ batch }) => batch));
  return claimed.filter((batch) => !done.has(batch));
}

/** Adds to an ending what is to be kept of it: the output of a batch that was done in one piece, with nothing given up. */
export function keepingOutput({ cache }: LiveSession, one: Settled, reply: Reply): Settled {
  if (!cache || one.write.to !== 'completed' || reply.error || reply.failures.length > 0 || !isWhole(one.batch)) return one;
  const name = cache.nameOf(one.batch);
  if (!name) return one;
  const { items, hash, places, counters } = reply;
  const facts: Facts = { items, ...(hash !== undefined && { hash }), ...(places && { places }), ...(counters && { counters }) };
  return { ...one, write: { ...one.write, cache: { ...name, hit: false, facts: encode(facts) } } };
}

/** Whether the batch's present run takes all of its items, and sees all that was cut around them: places are named as soon as any of them died. */
function isWhole({ run, remaining }: LiveBatch): boolean {
  return !remaining && (run === null || (run.type === 'whole' && run.places === null));
}

/** Nothing was at work: a time of 0 would make averages look good. */
function asHit(one: Settled, name: CacheName): Settled {
  const { ms: _, ...write } = one.write;
  return { ...one, write: { ...write, cache: { ...name, hit: true } } };
}

/** What must be known of an answer besides its output, to give it again. */
type Facts = Pick<Reply, 'items' | 'hash' | 'places' | 'counters'>;

/** The answer that a worker would give; undefined when there is none, or it can't be read. */
function replyOf(session: LiveSession, batch: LiveBatch, { range }: CacheName, found: CachedOutput | null): Reply | undefined {
  if (!found) return undefined;
  try {
    const facts = factsIn(found.facts);
    if (facts && fits(session, batch, facts, found.output)) {
      return { number: batch.number, output: found.output, failures: [], ms: 0, ...facts };
    }
    session.logger.warn({ batch: batch.number, range }, 'cached output does not fit: the batch is run');
  } catch (error) {
    session.logger.warn(
      { batch: batch.number, range, error: (error as Error).message },
      'cached output unreadable: the batch is run',
    );
  }
  return undefined;
}

function fits({ kind }: LiveSession, { input, items, hash }: LiveBatch, facts: Facts, output: Payload | null): boolean {
  if (input.type === 'items' ? facts.items !== items : hash !== null && facts.hash !== hash) return false;
  const value = output === null ? undefined : decode(output);
  if (kind === 'chunk') return true;
  const outputs = output === null ? 0 : Array.isArray(value) ? value.length : -1;
  return outputs === (facts.places?.length ?? (output === null ? 0 : facts.items));
}

function factsIn(payload: Payload): Facts | undefined {
  const facts = decode(payload) as { readonly [Key in keyof Facts]?: unknown } | null;
  const isFacts =
    isCount(facts?.items) &&
    (facts?.hash === undefined || typeof facts.hash === 'string') &&
    (facts?.places === undefined || (Array.isArray(facts.places) && facts.places.every(isCount))) &&
    (facts?.counters === undefined || Object.values(Object(facts.counters)).every(Number.isSafeInteger));
  return isFacts ? (facts as Facts) : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
