import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readPoll } from '../../../src/workloads/poll/listing.ts';
import { type LogFacts, measureLog } from '../../../src/workloads/poll/measure-log.ts';
import { referenceFlight } from '../../support/poll-reference.ts';
import { suite } from '../../support/suite.ts';
import { listing } from './poll-world.ts';

const test = suite('rules of polling');

function taskOf(entry: unknown): string | undefined {
  const { listed, invalid, logs } = readPoll({ logs: [entry] });
  assert.is(listed, 1);
  assert.is(invalid, 1 - logs.length);
  return logs[0]?.taskId;
}

test('a listing is named by partner, aircraft and log', () => {
  assert.is(taskOf(listing('7')), 'partner_tasks:P:A:7');
  assert.is(taskOf(listing('7', { logId: 7 })), 'partner_tasks:P:A:7');
  assert.equal(readPoll({ t: 60, logs: [listing('7')] }).logs, [{ taskId: 'partner_tasks:P:A:7', file: 'logs/7.igc' }]);
});

test('no two logs are the same task, whatever their names', () => {
  const name = fc.string({ unit: fc.constantFrom('a', ':', '%', '3', 'A', ' ', 'é'), minLength: 1, maxLength: 5 });
  const law = fc.property(fc.tuple(name, name, name), fc.tuple(name, name, name), (one, other) => {
    const [left, right] = [one, other].map(([partnerCode, aircraftId, logId]) =>
      taskOf(listing('x', { partnerCode, aircraftId, logId })),
    );
    if (left !== undefined && right !== undefined) assert.is(left === right, one.join('\n') === other.join('\n'));
  });
  fc.assert(law);
});

test('a listing without a name, or with a file elsewhere, is invalid', () => {
  const wrong: readonly unknown[] = [
    null,
    'text',
    [],
    listing('7', { logId: undefined }),
    listing('7', { aircraftId: ' ' }),
    listing('7', { partnerCode: 'tab\there' }),
    listing('7', { logId: { id: 7 } }),
    listing('7', { logId: 'x'.repeat(501) }),
    ...['', '.', '..', '/etc/passwd', '../x', 'logs/../../x', 'C:\\x', 'C:x', '\\\\host\\x', '..\\x', 'logs/', 'nul\0'].map(
      (file) => listing('7', { file }),
    ),
  ];
  for (const entry of wrong) assert.is(taskOf(entry), undefined, JSON.stringify(entry));
  assert.is(readPoll({ logs: [listing('7', { file: 'a/../logs\\7.igc' })] }).logs[0]?.file, 'logs/7.igc');
});

test('an answer without a list is none; a time that is no number is none', () => {
  for (const answer of [null, 7, {}, { logs: 'x' }, []]) assert.throws(() => readPoll(answer), /list of logs/);
  for (const t of [undefined, '60', -1, null, 1e11]) assert.is(readPoll({ t, logs: [] }).t, null);
});

const fix = (time: string, place: string, rest = 'A0050000600'): string => `B${time}${place}${rest}`;
const east = (minutes: number): string => `4700000N008${String(minutes).padStart(5, '0')}E`;

function facts(...lines: readonly string[]): LogFacts {
  const measured = measureLog(lines.join('\r\n'));
  const reference = referenceFlight(lines.join('\n'));
  if (!reference) throw new Error('The reference finds no flight.');
  const { distanceM, ...flight } = reference;
  const { minLat, maxLat, minLon, maxLon, distanceM: metres, ...rest } = measured;
  assert.equal({ ...rest, box: [minLat, maxLat, minLon, maxLon] }, flight);
  assert.ok(Math.abs(metres - distanceM) <= distanceM / 1e9 + 1e-6);
  return measured;
}

test('a flight goes over midnight, and its clock may go back by seconds', () => {
  assert.is(facts(fix('235958', east(0)), fix('000003', east(1))).durationS, 5);
  assert.is(facts(fix('235958', east(0)), fix('120000', east(1)), fix('235958', east(2)), fix('000000', east(3))).durationS, 2);
  assert.is(facts(fix('100007', east(0)), fix('100000', east(1)), fix('100010', east(2))).durationS, 3);
});

test('what is no fix is counted and left out: damaged, out of bounds, or without a position', () => {
  const bad = [
    'B100001',
    fix('240000', east(0)),
    fix('106000', east(0)),
    fix('100060', east(0)),
    fix('100001', '4760000N00800000E'),
    fix('100001', '4700000N00860000E'),
    fix('100001', '9000001N00800000E'),
    fix('100001', '4700000N18000001E'),
    fix('100001', '4700000X00800000E'),
    fix('100001', east(0), 'A00500006a0'),
    fix('100001', '0000000N00000000E', 'V0050000000'),
  ];
  // Neither half of the world there and back, nor a day of clocks that go wrong.
  const measured = facts(fix('100000', east(0)), ...bad, fix('100002', east(1)), 'LPLT', 'b');
  assert.equal([measured.fixes, measured.badFixes, measured.durationS], [2, bad.length, 2]);
  assert.ok(measured.distanceM < 2);
});

test('a fix without satellites that has a position is one, and altitudes may lie below the sea', () => {
  const { fixes, maxGnssAltM } = facts(fix('100000', east(0), 'V00500-0007'), fix('100001', east(1), 'A-0050-0009'));
  assert.equal([fixes, maxGnssAltM], [2, -7]);
});

test('with fewer than two fixes it is no log, and trying again will not help', () => {
  for (const text of ['', 'A', fix('100000', east(0)), 'B\nB\nB']) {
    try {
      measureLog(text);
      assert.unreachable();
    } catch (error) {
      const { name, code } = error as Error & { readonly code?: string };
      assert.equal([name, code], ['PermanentError', 'parse_error']);
    }
  }
});

test('flights of any course have the length that another formula gives them', () => {
  const course = fc.array(fc.tuple(fc.nat(89), fc.nat(59_999), fc.boolean(), fc.nat(179), fc.nat(59_999), fc.boolean()), {
    minLength: 2,
    maxLength: 20,
  });
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const law = fc.property(course, (places) => {
    facts(
      ...places.map(([lat, latMinutes, north, lon, lonMinutes, east_], index) =>
        fix(
          `10${pad(index, 2)}00`,
          `${pad(lat, 2)}${pad(latMinutes, 5)}${north ? 'N' : 'S'}${pad(lon, 3)}${pad(lonMinutes, 5)}${east_ ? 'E' : 'W'}`,
        ),
      ),
    );
  });
  fc.assert(law);
});

test.run();
