import * as assert from 'uvu/assert';
import { type Due, dueTick } from '../../../src/engine/schedules/due-tick.ts';
import { readPattern } from '../../../src/engine/schedules/pattern.ts';
import type { CatchUpPolicy } from '../../../src/model/schedules.ts';
import { suite } from '../../support/suite.ts';

const test = suite('due ticks');
const hourly = readPattern('0 * * * *', 'UTC');
const day = '2026-01-01T';

function due(catchUp: CatchUpPolicy, decided: string, now: string): string {
  return inWords(dueTick(hourly, { catchUp, decidedUntil: Date.parse(day + decided) }, Date.parse(day + now)));
}

function inWords(one: Due): string {
  const clock = (at: number | undefined): string => (at === undefined ? '-' : new Date(at).toISOString().slice(11, 16));
  return one.type === 'none' ? `none until ${clock(one.next)}` : `${one.type} ${clock(one.at)} for ${one.missed} more`;
}

test('none is due until the time has come, nor again once it is decided', () => {
  assert.is(due('once', '09:30Z', '09:59Z'), 'none until 10:00');
  assert.is(due('once', '09:30Z', '10:00Z'), 'run 10:00 for 0 more');
  assert.is(due('once', '10:00Z', '10:00Z'), 'none until 11:00');
});

test('once: the newest stands for all that were missed', () => {
  assert.is(due('once', '09:30Z', '15:20Z'), 'run 15:00 for 5 more');
});

test('all: the oldest comes first', () => {
  assert.is(due('all', '09:30Z', '15:20Z'), 'run 10:00 for 0 more');
  assert.is(due('all', '10:00Z', '15:20Z'), 'run 11:00 for 0 more');
});

test('none: what comes later than a minute is passed over', () => {
  assert.is(due('none', '09:30Z', '15:01Z'), 'run 15:00 for 5 more');
  assert.is(due('none', '09:30Z', '15:01:00.001Z'), 'pass 15:00 for 5 more');
});

test('of a year of missed hours the newest hundred are run one by one, and no more are counted', () => {
  const decidedUntil = Date.parse('2025-01-01T00:30Z');
  const now = Date.parse('2026-01-01T00:30Z');
  const [all, once] = (['all', 'once'] as const).map((catchUp) => dueTick(hourly, { catchUp, decidedUntil }, now));
  assert.equal(all, { type: 'run', at: Date.parse('2025-12-27T21:00Z'), missed: 1 });
  assert.equal(once, { type: 'run', at: Date.parse('2026-01-01T00:00Z'), missed: 100 });
});

test.run();
