import { normalMessage } from '../../src/model/normal-message.ts';
import type { FoundBatch, Within } from '../../src/model/questions.ts';
import type { AttemptRecord, BatchRecord, SessionRecord } from '../../src/model/records.ts';
import type { Store } from '../../src/model/store.ts';

/** Every row of a store, read through its lists. Sessions are in the order of their creation. */
export interface Everything {
  readonly sessions: readonly SessionRecord[];
  readonly rows: readonly Row[];
}

/** A batch with all that hangs on it. */
export interface Row {
  readonly session: SessionRecord;
  readonly batch: BatchRecord;
  readonly attempts: readonly AttemptRecord[];
}

const all = { after: 0, limit: 1_000_000 };

export async function readEverything(store: Store): Promise<Everything> {
  const sessions = [...(await store.listSessions({ limit: all.limit }))].reverse();
  const rows: Row[] = [];
  for (const session of sessions) {
    const attempts = await store.listAttempts({ sessionId: session.id, ...all });
    for (const batch of await store.listBatches({ sessionId: session.id, limit: all.limit })) {
      const own = attempts.filter(({ number }) => number === batch.number).sort((a, b) => a.execution - b.execution);
      rows.push({ session, batch, attempts: own });
    }
  }
  return { sessions, rows };
}

const isLive = ({ state }: SessionRecord): boolean => !['completed', 'failed', 'cancelled'].includes(state);
const hasCrashed = ({ outcome }: AttemptRecord): boolean => outcome.split('.')[0] === 'crashed';
const hasFailed = ({ outcome }: AttemptRecord): boolean => outcome.split('.')[0] === 'failed';

export function recount({ sessions, rows }: Everything) {
  const within = ({ sessionId }: Within): readonly Row[] =>
    rows.filter(({ session }) => sessionId === undefined || session.id === sessionId);
  /** Stable, so that rows of the same rank stay in the order of sessions and numbers. */
  const ranked = <T>(list: readonly T[], rank: (one: T) => number): T[] => [...list].sort((a, b) => rank(a) - rank(b));

  return {
    crashed: (where: Within) =>
      ranked(
        within(where).flatMap((row) => {
          const crashes = row.attempts.filter((one) => hasCrashed(one) && one.endedAt >= (where.since ?? 0));
          const last = crashes.at(-1);
          if (!last) return [];
          const crash = { times: crashes.length, startedAt: last.claimedAt, endedAt: last.endedAt, error: last.error };
          return [{ ...found(row), crash }];
        }),
        ({ crash }) => -crash.endedAt,
      ),
    slowest: (where: Within) =>
      ranked(
        within(where)
          .map(found)
          .filter(({ state, ms, endedAt }) => state === 'completed' && ms !== null && (endedAt ?? 0) >= (where.since ?? 0)),
        ({ ms }) => -(ms ?? 0),
      ),
    times: (since: number) => {
      const done = rows
        .map(found)
        .filter(({ state, ms, endedAt }) => state === 'completed' && ms !== null && (endedAt ?? 0) >= since);
      return [...new Set(done.map(({ job }) => job))].sort().map((job) => {
        const ms = done.filter((one) => one.job === job).map((one) => one.ms ?? 0);
        return { job, batches: ms.length, averageMs: ms.reduce((a, b) => a + b, 0) / ms.length, longestMs: Math.max(...ms) };
      });
    },
    chain: (taskId: string) =>
      ranked(
        rows
          .filter(({ session, batch }) => (batch.taskId ?? `${session.job}:${session.key}#${batch.number}`) === taskId)
          .map(found),
        ({ enqueuedAt }) => enqueuedAt,
      ),
    running: (now: number, alive: ReadonlySet<string>, stuckSince?: number) =>
      ranked(
        rows
          .filter(({ session, batch }) => isLive(session) && batch.state === 'running')
          .map((row) => ({ ...found(row), owner: row.batch.owner, lost: !alive.has(row.batch.owner ?? '') }))
          .filter(({ lost, claimedAt }) => stuckSince === undefined || lost || (claimedAt ?? now) <= stuckSince),
        ({ claimedAt }) => claimedAt ?? 0,
      ),
    attempts: (since: number) => {
      const ended = rows.flatMap(({ attempts }) => attempts).filter(({ endedAt }) => endedAt >= since);
      return {
        completed: ended.filter(({ outcome }) => outcome === 'completed').length,
        failed: ended.filter(hasFailed).length,
        crashed: ended.filter(hasCrashed).length,
        running: rows.filter(({ session, batch }) => isLive(session) && batch.state === 'running').length,
      };
    },
    repeated: (since: number) => {
      const mine = rows.filter(({ batch }) => batch.taskId !== null && batch.enqueuedAt >= since).map(({ batch }) => batch);
      const tasks = [...new Set(mine.map(({ taskId }) => taskId ?? ''))].sort().map((taskId) => {
        const executions = mine.filter((one) => one.taskId === taskId);
        const skipped = executions.filter(({ error }) => error?.code === 'DUPLICATE_TASK').length;
        return { taskId, executions: executions.length, skipped };
      });
      const again = tasks.filter(({ executions }) => executions > 1);
      return {
        executions: mine.length,
        tasks: tasks.length,
        repeated: again.length,
        skipped: tasks.reduce((sum, { skipped }) => sum + skipped, 0),
        most: ranked(again, ({ executions }) => -executions),
      };
    },
    newest: () =>
      ranked(
        rows.filter(({ session, batch }) => batch.endedAt !== null || isLive(session)).map(found),
        ({ endedAt, claimedAt, enqueuedAt }) => -(endedAt ?? claimedAt ?? enqueuedAt),
      ),
    states: (session: SessionRecord) => {
      const mine = rows.filter((row) => row.session.id === session.id).map(({ batch }) => batch);
      return [...new Set(mine.map(({ state }) => state))].sort().map((state) => {
        const those = mine.filter((one) => one.state === state);
        const sum = (value: (one: BatchRecord) => number): number => those.reduce((total, one) => total + value(one), 0);
        return { state, batches: those.length, items: sum(({ items }) => items), completed: sum(({ completed }) => completed) };
      });
    },
    depth: () =>
      [...new Set(sessions.filter(isLive).map(({ job }) => job))].sort().map((job) => {
        const mine = sessions.filter((one) => one.job === job && isLive(one));
        const waiting = mine.filter(({ state }) => state === 'pending');
        const batches = rows.filter(({ session }) => mine.includes(session)).map(({ batch }) => batch);
        const of = (...states: readonly string[]): readonly BatchRecord[] =>
          batches.filter(({ state }) => states.includes(state));
        const ready = of('pending', 'failed.isolating', 'crashed.isolating');
        const first = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.min(...times));
        return {
          job,
          sessions: mine.length,
          waitingSessions: waiting.length,
          pending: ready.length,
          retrying: of('failed.waiting', 'crashed.waiting').length,
          running: of('running').length,
          sessionSince: first(waiting.map(({ createdAt }) => createdAt)),
          pendingSince: first(ready.map(({ enqueuedAt }) => enqueuedAt)),
        };
      }),
    jobs: () =>
      [...new Set(sessions.map(({ job }) => job))].sort().map((job) => {
        const mine = sessions.filter((one) => one.job === job);
        const states = rows.filter(({ session }) => session.job === job).map(({ batch }) => batch.state.split('.')[0] ?? '');
        const count = (status: string): number => states.filter((one) => one === status).length;
        const statuses = ['pending', 'running', 'completed', 'failed', 'crashed', 'cancelled'];
        return { job, sessions: mine.length, batches: Object.fromEntries(statuses.map((status) => [status, count(status)])) };
      }),
  };
}

/** Failures by normal message, most items first, from letters and attempts. */
export async function recountFailures(store: Store, { sessions, rows }: Everything, where: Within) {
  const groups = new Map<string, { message: string; category: string; items: number; letters: number; attempts: number }>();
  const add = (message: string, category: string, more: { items?: number; letters?: number; attempts?: number }): void => {
    const normal = normalMessage(message);
    const old = groups.get(`${normal} ${category}`) ?? { message: normal, category, items: 0, letters: 0, attempts: 0 };
    groups.set(`${normal} ${category}`, {
      ...old,
      items: old.items + (more.items ?? 0),
      letters: old.letters + (more.letters ?? 0),
      attempts: old.attempts + (more.attempts ?? 0),
    });
  };
  for (const { id } of sessions) {
    if (where.sessionId !== undefined && where.sessionId !== id) continue;
    for (const { at, error, items } of await store.listDeadLetters({ sessionId: id, ...all })) {
      if (at >= (where.since ?? 0)) add(error.message, error.category, { items, letters: 1 });
    }
  }
  for (const { session, attempts } of rows) {
    if (where.sessionId !== undefined && where.sessionId !== session.id) continue;
    for (const one of attempts) {
      if (!(hasCrashed(one) || hasFailed(one)) || one.endedAt < (where.since ?? 0)) continue;
      add(one.error?.message ?? 'No reason was recorded.', one.error?.category ?? 'lost', { attempts: 1 });
    }
  }
  const byText = [...groups.values()].sort((a, b) => (`${a.message} ${a.category}` < `${b.message} ${b.category}` ? -1 : 1));
  return byText.sort((a, b) => b.items - a.items || b.attempts - a.attempts);
}

function found({ session, batch, attempts }: Row): FoundBatch {
  const { sessionId, number, taskId, state, first, items, attempt, enqueuedAt, claimedAt, endedAt, error } = batch;
  const ms = state === 'completed' ? (attempts.at(-1)?.ms ?? null) : null;
  const { job, key } = session;
  return { sessionId, job, key, number, taskId, state, first, items, attempt, ms, enqueuedAt, claimedAt, endedAt, error };
}
