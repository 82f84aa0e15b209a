import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readPattern } from '../../../src/engine/schedules/pattern.ts';
import { InvalidOptionError } from '../../../src/model/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('cron patterns');

/** The first ticks after a moment, as people write moments. */
function ticks(cron: string, zone: string, after: string, count: number): readonly string[] {
  const pattern = readPattern(cron, zone);
  const found: string[] = [];
  for (let at = pattern.next(Date.parse(after)); at !== undefined && found.length < count; at = pattern.next(at)) {
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

test('means the clocks of its zone', () => {
  assert.equal(ticks('0 3 * * *', 'UTC', '2026-01-01T00:00Z', 2), ['2026-01-01T03:00', '2026-01-02T03:00']);
  assert.equal(ticks('0 3 * * *', 'Asia/Tokyo', '2026-01-01T00:00Z', 2), ['2026-01-01T18:00', '2026-01-02T18:00']);
  assert.equal(ticks('0 */4 * * *', 'UTC', '2026-01-01T05:00Z', 3), ['2026-01-01T08:00', '2026-01-01T12:00', '2026-01-01T16:00']);
  assert.equal(ticks('@daily', 'UTC', '2026-01-01T05:00Z', 1), ['2026-01-02T00:00']);
  assert.equal(ticks('30 0 12 * * 1', 'UTC', '2026-01-01T05:00Z', 1), ['2026-01-05T12:00']);
});

test('a time that Berlin leaves out in March comes when its clocks have gone forward', () => {
  assert.equal(ticks('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', 3), [
    '2026-03-28T01:30', // 02:30 +01:00
    '2026-03-29T01:00', // 03:00 +02:00, as there is no 02:30
    '2026-03-30T00:30', // 02:30 +02:00
  ]);
});

test('a time that Berlin has twice in October comes once, every half hour comes each time', () => {
  assert.equal(ticks('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2), ['2026-10-25T00:30', '2026-10-26T01:30']);
  assert.equal(ticks('*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 4), [
    '2026-10-25T00:00',
    '2026-10-25T00:30',
    '2026-10-25T01:00',
    '2026-10-25T01:30',
  ]);
});

test('midnight that Santiago leaves out in September is one o’clock; before the repeated hour of April comes once', () => {
  assert.equal(ticks('0 0 * * *', 'America/Santiago', '2026-09-05T00:00Z', 3), [
    '2026-09-05T04:00', // 00:00 -04:00
    '2026-09-06T04:00', // 01:00 -03:00
    '2026-09-07T03:00', // 00:00 -03:00
  ]);
  assert.equal(ticks('30 23 * * *', 'America/Santiago', '2026-04-04T12:00Z', 2), ['2026-04-05T02:30', '2026-04-06T03:30']);
});

test('Lord Howe goes forward and back by half an hour', () => {
  assert.equal(ticks('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', 2), ['2026-10-03T15:30', '2026-10-04T15:15']);
  assert.equal(ticks('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00Z', 2), ['2026-04-04T14:45', '2026-04-05T15:15']);
  assert.equal(ticks('45 * * * *', 'Australia/Lord_Howe', '2026-04-04T14:00Z', 3), [
    '2026-04-04T14:45',
    '2026-04-04T15:15',
    '2026-04-04T16:15',
  ]);
});

for (const zone of ['UTC', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
  test(`ticks of ${zone} are the same seen from before and from behind, and none is between them`, () => {
    const crons = ['0 0 * * *', '30 2 * * *', '*/30 * * * *', '15 1-3 * * *', '0 */4 * * *', '45 1 * * 0', '10 0 2 1 * *'];
    void fc.assert(
      fc.property(fc.constantFrom(...crons), fc.integer({ min: 0, max: 730 * 86_400_000 }), (cron, offset) => {
        const pattern = readPattern(cron, zone);
        const moment = Date.parse('2025-06-01T00:00Z') + offset;
        const [newest = 0, older = 0] = pattern.last(2, moment);
        assert.ok(older < newest && newest <= moment);
        assert.is(pattern.next(older), newest);
        assert.ok((pattern.next(newest) ?? 0) > moment);
        assert.is(pattern.last(1, newest)[0], newest);
      }),
      { numRuns: 25 },
    );
  });
}

test('a pattern or a zone that makes no sense is refused by its name', () => {
  const crons = [
    '',
    'x',
    '* * * *',
    '61 * * * *',
    '5/5 * * * *',
    '* * * * * * 2030',
    '2030-01-01T00:00',
    '0 0 30 2 *',
    '@reboot',
  ];
  for (const cron of crons) assert.throws(() => readPattern(cron, 'UTC'), isRefused('schedule: cron'), cron);
  for (const zone of ['', 'Mars/Olympus', 'Europe/berlin\n'])
    assert.throws(() => readPattern('@daily', zone), isRefused('schedule: zone'), zone);
  for (const [cron, zone] of [
    [7, 'UTC'],
    ['@daily', null],
    [undefined, 'UTC'],
  ] as const) {
    assert.throws(() => readPattern(cron as string, zone as string), isRefused('schedule: '));
  }
});

function isRefused(option: string): (error: unknown) => boolean {
  return (error) => error instanceof InvalidOptionError && error.message.startsWith(option);
}

test.run();
