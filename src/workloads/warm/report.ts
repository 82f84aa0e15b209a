import type { DeadLetter, Outcome } from '../../model/outcome.ts';
import type { WorkloadSession } from '../engine-part.ts';
import { itemsOf, type ListedGroup, type LoadedItem, type WarmItem } from './warm-item.ts';
import type { WarmInput } from './warm-job.ts';

/** What came of one item. */
export interface ItemReport {
  readonly cacheKey: string;
  readonly label: string;
  readonly status: 'ok' | 'failed';
  /** Why it failed. */
  readonly error: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly sha1: string | null;
  /** Null: its worker died of it. */
  readonly ms: number | null;
}

/** What came of one group. */
export interface GroupReport {
  readonly keys: number;
  /** Keys × loaders. */
  readonly items: number;
  readonly ok: number;
  readonly failed: number;
  /** Keys of which all loaders, or not all, had a value. */
  readonly keysAllOk: number;
  readonly keysWithFailure: number;
  /** From the beginning of the first item to the end of the last. */
  readonly ms: number;
  /** At most 10, the slowest first. */
  readonly slowest: readonly { readonly cacheKey: string; readonly ms: number }[];
}

/** A key that lacks a value, and why. */
export interface FailedKey {
  readonly group: string;
  readonly key: string;
  readonly label: string;
  readonly errors: readonly { readonly loader: string; readonly message: string }[];
}

/** What came of a run. */
export interface WarmReport {
  readonly sessionId: string;
  /** `partial`: some items failed; `failed`: all did, or the run could not be brought to its end. */
  readonly status: 'completed' | 'partial' | 'failed';
  /** Why the run as a whole failed. */
  readonly reason?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly ms: number;
  readonly groups: Readonly<Record<string, GroupReport>>;
  /** `all`: items, and keys that have more than one. */
  readonly total: {
    readonly keys: number;
    readonly items: number;
    readonly ok: number;
    readonly failed: number;
    readonly all: number;
  };
  readonly failures: readonly FailedKey[];
  readonly items: readonly ItemReport[];
}

type Told = ItemReport & { readonly at: number | null };

/** Puts together what an ended session came to, in the order of its items. */
export async function readReport(
  session: WorkloadSession<number, LoadedItem>,
  { prefix, groups }: WarmInput<unknown>,
  outcome: Outcome<number>,
): Promise<WarmReport> {
  const tell = await tellerOf(session, outcome.error?.message ?? 'not run');
  const told = groups.map((group) => tellGroup(prefix, group, tell));
  const { startedAt, endedAt } = await session.state();
  const total = told.reduce((sum, { report, all }) => addTotals(sum, report, all), nothing);
  const hasEnded = outcome.status === 'completed';
  return {
    sessionId: session.id,
    status: !hasEnded || (total.ok === 0 && total.items > 0) ? 'failed' : total.failed > 0 ? 'partial' : 'completed',
    ...(!hasEnded && { reason: outcome.error.message }),
    startedAt: startedAt ?? 0,
    ms: (endedAt ?? 0) - (startedAt ?? endedAt ?? 0),
    groups: Object.fromEntries(told.map(({ name, report }) => [name, report])),
    total,
    failures: told.flatMap(({ failures }) => failures),
    items: told.flatMap(({ items }) => items.map(({ at: _, ...item }) => item)),
  };
}

/** Says of an item what came of it: its output, or its dead letter. */
async function tellerOf(session: WorkloadSession<number, LoadedItem>, notRun: string): Promise<(item: WarmItem) => Told> {
  const loaded = new Map<string, LoadedItem>();
  for await (const { value: _, ...one } of session.outputs()) loaded.set(one.cacheKey, one);
  const letters = new Map<string, DeadLetter>();
  for await (const letter of session.deadLetters()) letters.set(letter.itemId, letter);
  // Items that were given up together have one letter.
  const range = [...letters.values()].find(({ items }) => items > 1);
  return (item) => {
    const found = loaded.get(item.cacheKey);
    return found ? good(item, found) : bad(item, letters.get(item.cacheKey) ?? range, notRun);
  };
}

function tellGroup(prefix: string, group: ListedGroup, tell: (item: WarmItem) => Told) {
  const { name, keys, loaders } = group;
  const items: Told[] = [];
  const failed = new Map<string, FailedKey & { errors: FailedKey['errors'][number][] }>();
  for (const item of itemsOf(prefix, [group])) {
    const one = tell(item);
    items.push(one);
    if (one.error === null) continue;
    const key = String(item.key);
    const known = failed.get(key) ?? { group: name, key, label: item.label, errors: [] };
    failed.set(key, known);
    known.errors.push({ loader: item.loader, message: one.error });
  }
  const all = items.length + (loaders.length > 1 ? keys.length : 0);
  return { name, items, failures: [...failed.values()], report: groupReport(items, keys.length, failed.size), all };
}

const nothing: WarmReport['total'] = { keys: 0, items: 0, ok: 0, failed: 0, all: 0 };

function addTotals(sum: WarmReport['total'], { keys, items, ok, failed }: GroupReport, all: number): WarmReport['total'] {
  return { keys: sum.keys + keys, items: sum.items + items, ok: sum.ok + ok, failed: sum.failed + failed, all: sum.all + all };
}

function good({ label }: WarmItem, { cacheKey, rows, bytes, sha1, ms, at }: LoadedItem): Told {
  return { cacheKey, label, status: 'ok', error: null, rows, bytes, sha1, ms, at };
}

function bad({ cacheKey, label }: WarmItem, letter: DeadLetter | undefined, notRun: string): Told {
  const { tookMs, at } = letter?.error.details ?? {};
  const times = { ms: typeof tookMs === 'number' ? tookMs : null, at: typeof at === 'number' ? at : null };
  return {
    cacheKey,
    label,
    status: 'failed',
    error: letter?.error.message ?? notRun,
    rows: null,
    bytes: null,
    sha1: null,
    ...times,
  };
}

function groupReport(told: readonly Told[], keys: number, keysWithFailure: number): GroupReport {
  const timed = told.flatMap(({ cacheKey, ms, at }) => (ms === null || at === null ? [] : [{ cacheKey, ms, at }]));
  const begun = timed.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const ended = timed.reduce((most, { at, ms }) => Math.max(most, at + ms), begun);
  const ok = told.filter(({ status }) => status === 'ok').length;
  return {
    keys,
    items: told.length,
    ok,
    failed: told.length - ok,
    keysAllOk: keys - keysWithFailure,
    keysWithFailure,
    ms: timed.length === 0 ? 0 : ended - begun,
    slowest: timed
      .sort((one, other) => other.ms - one.ms)
      .slice(0, 10)
      .map(({ cacheKey, ms }) => ({ cacheKey, ms })),
  };
}
