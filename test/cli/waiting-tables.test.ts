import * as assert from 'uvu/assert';
import { depthRows, notificationRows } from '../../src/cli/queries/waiting-tables.ts';
import type { SessionId } from '../../src/model/ids.ts';
import { suite } from '../support/suite.ts';

const test = suite('tables of what waits');

const now = 1_750_000_000_000;

test('what waits is told by job, with how long the oldest has waited', () => {
  const depth = { job: 'sum', sessions: 3, waitingSessions: 1, pending: 12_000, retrying: 2, running: 4 };
  const [heading, ...rows] = depthRows([{ ...depth, sessionSince: now - 90_000, pendingSince: null }], now);
  assert.is(heading?.length, 8);
  assert.equal(rows, [['sum', '3', '1', '1m 30s', '12,000', '-', '2', '4']]);
  assert.equal(depthRows([], now), []);
});

test('what was not told is told with its tries and its last error', () => {
  const error = { name: 'Error', message: 'mail server is down', category: 'error' } as const;
  const facts = { sessionId: 's' as SessionId, job: 'sum', key: 'k', generation: 1, counts: {} as never };
  const notification = { id: 's.1', at: now, type: 'session.completed' as const, ...facts };
  const [, ...rows] = notificationRows([
    { notification, tries: 20, state: 'undelivered', dueAt: now, error },
    {
      notification: { id: 'alert.stuck.1', at: now, type: 'alert', alert: 'stuck', message: 'x' },
      tries: 0,
      state: 'waiting',
      dueAt: now,
      error: null,
    },
  ]);
  assert.equal(
    rows.map(([id, type, state, tries, , why]) => [id, type, state, tries, why]),
    [
      ['s.1', 'session.completed', 'undelivered', '20', 'mail server is down'],
      ['alert.stuck.1', 'alert', 'waiting', '0', '-'],
    ],
  );
});

test.run();
