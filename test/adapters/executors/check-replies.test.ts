import * as assert from 'uvu/assert';
import { checkReplies } from '../../../src/adapters/executors/check-replies.ts';
import { packReplies } from '../../../src/adapters/worker/wire.ts';
import type { Reply, Task } from '../../../src/model/executor.ts';
import { suite } from '../../support/suite.ts';

const test = suite('answers of a worker are not believed');

const tasks = [0, 1].map(
  (number): Task => ({
    number,
    taskId: null,
    attempt: 1,
    input: { type: 'items', items: [1, 2, 3], before: [], after: [] },
  }),
);
const open = new Map<unknown, Task>(tasks.map((task) => [task.number, task]));
const sound: Reply = { number: 0, items: 3, output: '[1,2,3]', failures: [], ms: 1 };
const failed = { name: 'Error', message: 'no', category: 'error' } as const;

function check(reply: object): number {
  return checkReplies(packReplies([reply as Reply]).packed, open).length;
}

test('takes sound answers as they are', () => {
  const replies: Reply[] = [
    { ...sound, output: '[1,3]', places: [0, 2], failures: [{ place: 1, error: failed }], counters: { seen: -2 } },
    {
      ...sound,
      number: 1,
      output: null,
      error: { ...failed, cause: failed, stack: 'at', details: { status: 503 }, retryAfterMs: 1 },
    },
  ];
  assert.equal(checkReplies(packReplies(replies).packed, open), replies);
});

test('passes over lists that are all holes, however long they claim to be', () => {
  const endless: never[] = [];
  endless.length = 2 ** 32 - 1;
  const { packed } = packReplies([sound]);
  for (const column of ['numbers', 'hashes', 'places', 'failures', 'errors', 'counters']) {
    assert.equal(checkReplies({ ...packed, [column]: endless }, open), [], column);
  }
  const slice: Task = { number: 0, taskId: null, attempt: 1, input: { type: 'slice', slice: '1' } };
  for (const hollow of [{ places: endless }, { failures: endless }]) {
    const reply = { ...sound, items: 2 ** 33, ...hollow };
    assert.equal(checkReplies(packReplies([reply]).packed, new Map([[0, slice]])), []);
  }
});

const unsound: readonly [string, object][] = [
  ['an unknown batch', { number: 7 }],
  ['a number that is text', { number: '0' }],
  ['another count of items', { items: 4 }],
  ['a negative count of items', { items: -1 }],
  ['a time that is no number', { ms: Number.NaN }],
  ['a hash that is none', { hash: 'x'.repeat(1_000) }],
  ['a place outside the batch', { places: [3] }],
  ['places out of order', { places: [1, 0] }],
  ['places that are no list', { places: 'all' }],
  ['a failure outside the batch', { failures: [{ place: 9, error: failed }] }],
  ['a failure without an error', { failures: [{ place: 1 }] }],
  [
    'two failures of one item',
    {
      failures: [
        { place: 1, error: failed },
        { place: 1, error: failed },
      ],
    },
  ],
  ['an error without a message', { error: { name: 'Error', category: 'error' } }],
  ['an error of a category that only the host gives', { error: { ...failed, category: 'host-death' } }],
  ['details that are no record', { error: { ...failed, details: [503] } }],
  ['details with an object in them', { error: { ...failed, details: { headers: {} } } }],
  ['details with a number that is none', { error: { ...failed, details: { status: Number.NaN } } }],
  ['a detail that is too long', { error: { ...failed, details: { body: 'x'.repeat(1_025) } } }],
  ['too many details', { error: { ...failed, details: Object.fromEntries([...Array(21).keys()].map((key) => [`k${key}`, 1])) } }],
  ['a detail that would be a prototype', { error: { ...failed, details: JSON.parse('{"__proto__":1}') } }],
  ['details of a cause that are none', { error: { ...failed, cause: { ...failed, details: 7 } } }],
  ['a wait that is no number', { error: { ...failed, retryAfterMs: 'soon' } }],
  ['a counter in fractions', { counters: { seen: 0.5 } }],
  ['a counter that is text', { counters: { seen: '1' } }],
];
for (const [what, wrong] of unsound) {
  test(`does not take ${what}`, () => {
    assert.is(check(sound), 1);
    assert.is(check({ ...sound, ...wrong }), 0);
  });
}

test('does not take an output that is neither text nor bytes', () => {
  const { packed } = packReplies([sound]);
  for (const output of [1, {}, [], undefined, new Float64Array(1)])
    assert.equal(checkReplies({ ...packed, outputs: [output] }, open), []);
});

test('takes nothing from a message of another shape', () => {
  const { packed } = packReplies([sound]);
  for (const message of [
    null,
    undefined,
    1,
    'text',
    [],
    {},
    { numbers: [0] },
    { ...packed, errors: [0] },
    { ...packed, ms: null },
  ]) {
    assert.equal(checkReplies(message, open), []);
  }
});

test.run();
