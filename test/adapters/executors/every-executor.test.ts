import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { inline } from '../../../src/adapters/executors/inline.ts';
import { processes } from '../../../src/adapters/executors/processes.ts';
import { threads } from '../../../src/adapters/executors/threads.ts';
import { decode, type Payload } from '../../../src/model/codec.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import type { Executor, Reply, TaskInput } from '../../../src/model/executor.ts';
import type { WorkSource } from '../../../src/model/work.ts';
import type { Fault } from '../../fixtures/faults.work.ts';
import { suite } from '../../support/suite.ts';
import { faults, fixture, groupOf, groupOfInputs, groupOfSlices, only, sessionId, tell } from './support/groups.ts';

const good: Fault = { do: 'return', value: 1 };

function outputOf(reply: Reply): unknown {
  return reply.output === null ? null : decode(reply.output);
}

// What holds wherever a group runs. Each executor goes through the same list.
for (const create of [() => inline(), () => threads({ workers: 1 }), () => processes({ workers: 1 })]) {
  const executor: Executor = create();
  const test = suite(`executor ${executor.name}`);
  test.after(() => executor.close());

  test('says what kind of work a module holds', async () => {
    assert.equal(await executor.load(fixture('numbers')), { kind: 'each', reads: false });
    assert.equal(await executor.load(fixture('chunks')), { kind: 'chunk', reads: false });
    assert.equal(await executor.load(fixture('slices')), { kind: 'each', reads: true });
  });

  test('answers each batch of a group with its outputs in item order', async () => {
    const { replies, death } = await tell(executor, groupOf(fixture('numbers'), [[1, 2, 3], [4], []]));
    assert.is(death, undefined);
    assert.equal([...replies.values()].map(outputOf), [[1, 2, 3], [4], null]);
    assert.equal(
      [...replies.values()].map(({ items }) => items),
      [3, 1, 0],
    );
    for (const reply of replies.values()) assert.is(reply.places, undefined);
  });

  test('runs a group of thousands of tiny batches', async () => {
    const batches = Array.from({ length: 3_000 }, (_, index) => [index]);
    const { replies } = await tell(executor, groupOf(fixture('numbers'), batches));
    assert.is(replies.size, 3_000);
    for (const [number, reply] of replies) assert.equal(outputOf(reply), [number]);
  });

  test('imports TypeScript below a work module, and modules with a top-level await', async () => {
    assert.equal(outputOf(await only(executor, groupOf(fixture('imports'), [[1, 2]]))), [4, 7]);
  });

  const throws: readonly [Extract<Fault, { do: 'throw' }>['what'], Record<string, unknown>][] = [
    ['error', { name: 'Error', message: 'plain', category: 'error' }],
    ['string', { name: 'Error', message: "Thrown: 'a text'", category: 'error' }],
    ['null', { name: 'Error', message: 'Thrown: null', category: 'error' }],
    ['undefined', { name: 'Error', message: 'Thrown: undefined', category: 'error' }],
    ['symbol', { name: 'Error', message: 'Thrown: Symbol(sign)', category: 'error' }],
    ['circular', { name: 'Error', message: 'circular', category: 'error' }],
    [
      'props',
      { name: 'Error', message: 'no such file', category: 'error', code: 'ENOENT', details: { status: 404, retried: false } },
    ],
    ['permanent', { name: 'PermanentError', message: 'never again', category: 'permanent' }],
    ['retry', { name: 'RetryError', message: 'later', category: 'error', retryAfterMs: 5_000 }],
  ];
  for (const [what, expected] of throws) {
    test(`fails only the item that throws: ${what}`, async () => {
      const reply = await only(executor, faults([[good, { do: 'throw', what }, good]]));
      assert.is(reply.error, undefined);
      assert.equal(outputOf(reply), [1, 1]);
      assert.equal(reply.places, [0, 2]);
      assert.equal(
        reply.failures.map(({ place }) => place),
        [1],
      );
      const error: unknown = reply.failures[0]?.error;
      for (const [key, value] of Object.entries(expected)) assert.equal((error as Record<string, unknown>)[key], value, key);
    });
  }

  test('keeps the cause of an error, and cuts a message of 10 MiB', async () => {
    const reply = await only(
      executor,
      faults([
        [
          { do: 'throw', what: 'error' },
          { do: 'throw', what: 'huge' },
        ],
      ]),
    );
    assert.is(reply.failures[0]?.error.cause?.name, 'TypeError');
    assert.ok((reply.failures[1]?.error.message.length ?? 0) <= 8 * 1024);
    assert.is(reply.output, null);
    assert.is(reply.places, undefined);
  });

  for (const what of ['function', 'symbol', 'bigint', 'nan', 'map', 'class'] as const) {
    test(`fails only the item whose output can't be stored: ${what}`, async () => {
      const reply = await only(executor, faults([[good, { do: 'give', what }]]));
      assert.equal(outputOf(reply), [1]);
      assert.is(reply.failures[0]?.error.category, 'unserializable');
      assert.match(reply.failures[0]?.error.message ?? '', '$.here');
    });
  }

  test('an item that returns undefined has no output, and did not fail', async () => {
    const reply = await only(executor, faults([[{ do: 'give', what: 'undefined' }, good]]));
    assert.equal(outputOf(reply), [1]);
    assert.equal(reply.places, [1]);
    assert.equal(reply.failures, []);
  });

  test('brings typed arrays back as they were', async () => {
    const reply = await only(executor, faults([[{ do: 'give', what: 'bytes' }, good]]));
    const bytes = { here: new Float64Array([1, 2, 3]), there: new Uint8Array([97, 98, 99]) };
    assert.equal(decode(reply.output as Payload), [bytes, 1]);
  });

  test('takes typed arrays to the work, and leaves them whole on the host', async () => {
    const value = new Float64Array([1, 2]);
    const reply = await only(executor, faults([[{ do: 'return', value }]]));
    assert.equal(outputOf(reply), [value]);
    assert.is(value.length, 2);
  });

  test('runs only the items that are asked for', async () => {
    const group = groupOf(fixture('numbers'), [[10, 11, 12, 13]]);
    const [task] = group.tasks;
    const reply = await only(executor, { ...group, tasks: task ? [{ ...task, only: [1, 3] }] : [] });
    assert.equal(outputOf(reply), [11, 13]);
    assert.equal(reply.places, [1, 3]);
    assert.is(reply.items, 4);
  });

  test('sums what the items of a batch count, and leaves out those that fail', async () => {
    const reply = await only(
      executor,
      faults([
        [
          { do: 'count', name: 'rows', by: 2 },
          { do: 'count', name: 'rows', by: 5, thenThrow: true },
          { do: 'count', name: 'rows', by: 3 },
        ],
      ]),
    );
    assert.equal(reply.counters, { rows: 5 });
  });

  test('fails the item that counts in fractions', async () => {
    const reply = await only(executor, faults([[{ do: 'count', name: 'rows', by: 0.5 }]]));
    assert.is(reply.failures[0]?.error.code, 'INVALID_OPTION');
    assert.is(reply.counters, undefined);
  });

  test('tells the work who it is', async () => {
    const reply = await only(executor, faults([[{ do: 'context' }]]));
    const executionId = `${sessionId.slice(0, 24)}000000000000`;
    assert.equal(outputOf(reply), [{ sessionId, taskId: 'job:key#0', executionId, attempt: 1 }]);
  });

  test('makes the temporary folder when it is asked for, closed to others', async () => {
    const root = await mkdtemp(join(tmpdir(), 'millrace-executor-'));
    const tempDir = join(root, 'session');
    try {
      const reply = await only(executor, groupOf(fixture('faults'), [[{ do: 'temp-folder' }]], { tempDir }));
      assert.equal(outputOf(reply), [tempDir]);
      assert.is((await stat(tempDir)).mode & 0o777, 0o700);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test('passes log lines on, with the batch they come from', async () => {
    const { lines } = await tell(executor, faults([[good], [{ do: 'log', message: 'hello' }]]));
    assert.equal(lines, [{ level: 'info', facts: { taskId: 'job:key#1', attempt: 1, fact: 1 }, message: 'hello' }]);
  });

  test('what a group logs after its end reaches nobody, and troubles no later group', async () => {
    const { replies } = await tell(executor, faults([[{ do: 'log-late', ms: 20 }]]));
    assert.is(replies.size, 1);
    const { lines } = await tell(executor, faults([[{ do: 'wait', ms: 60 }]]));
    assert.equal(lines, []);
  });

  test('gives a chunk its items, its neighbours and its number', async () => {
    const input = { type: 'items', items: [1, 2], before: [0], after: [3, 4] } as const;
    const { replies } = await tell(executor, groupOfInputs(fixture('chunks'), [input, { ...input, before: [] }]));
    assert.equal(outputOf(replies.get(0) as Reply), { sum: 3, before: 1, after: 2, index: 0 });
    assert.equal(outputOf(replies.get(1) as Reply), { sum: 3, before: 0, after: 2, index: 1 });
  });

  test('gives each batch items of its own, whatever other batches and attempts do with theirs', async () => {
    const [left, right] = [{ value: 1 }, { value: 10 }];
    const inputs = [
      { type: 'items', items: [left], before: [], after: [right] },
      { type: 'items', items: [right], before: [left], after: [] },
    ] as const;
    const group = groupOfInputs(fixture('changes-items'), inputs);
    for (const attempt of [1, 2]) {
      const { replies } = await tell(executor, { ...group, tasks: group.tasks.map((task) => ({ ...task, attempt })) });
      for (const reply of replies.values()) assert.equal(outputOf(reply), { sum: 22, plain: true });
    }
    assert.equal([left, right], [{ value: 1 }, { value: 10 }]);
  });

  test('what is one object within a batch stays one', async () => {
    const item = { value: 1 };
    const { replies } = await tell(executor, groupOf(fixture('changes-items'), [[item, item], [item]]));
    assert.equal([...replies.values()].map(outputOf), [
      { sum: 8, plain: true },
      { sum: 2, plain: true },
    ]);
  });

  test('gives a module plain objects where the source has class instances', async () => {
    class Point {
      value = 3;
    }
    assert.equal(outputOf(await only(executor, groupOf(fixture('changes-items'), [[new Point()]]))), { sum: 6, plain: true });
  });

  test('items that cannot be cloned fail alone, and the others of their batch run', async () => {
    const { replies, death } = await tell(executor, groupOf(fixture('numbers'), [[1], [() => 1], [3, Symbol('s'), 5, () => 1]]));
    assert.is(death, undefined);
    assert.equal(
      [0, 1, 2].map((number) => [replies.get(number)?.output, replies.get(number)?.places]),
      [
        ['[1]', undefined],
        [null, undefined],
        ['[3,5]', [0, 2]],
      ],
    );
    const failed = [...replies.values()].flatMap(({ number, failures }) =>
      failures.map(({ place, error }) => [number, place, error.category]),
    );
    assert.equal(failed.sort(), [
      [1, 0, 'unserializable'],
      [2, 1, 'unserializable'],
      [2, 3, 'unserializable'],
    ]);
  });

  test('a chunk gets the items and neighbours that can be cloned, and the others fail alone', async () => {
    const group = groupOf(fixture('chunks'), [[1, () => 1, 2]]);
    const tasks = group.tasks.map((task) => ({
      ...task,
      input: { ...task.input, before: [Symbol('s'), 7], after: [() => 1] } as TaskInput,
    }));
    const reply = await only(executor, { ...group, tasks });
    assert.equal(outputOf(reply), { sum: 3, before: 1, after: 0, index: 0 });
    assert.equal(
      reply.failures.map(({ place, error }) => [place, error.category]),
      [[1, 'unserializable']],
    );
  });

  test('a chunk refuses single items by their place in the batch, and goes on', async () => {
    const group = groupOf(fixture('chunks'), [[1, 'bad', 2, 'bad']]);
    const whole = await only(executor, group);
    assert.equal(outputOf(whole), { sum: 3, before: 0, after: 0, index: 0 });
    assert.equal(
      whole.failures.map(({ place, error }) => [place, error.message]),
      [
        [1, 'bad at 1'],
        [3, 'bad at 3'],
      ],
    );
    assert.equal(whole.counters, { seen: 4 });
    const [task] = group.tasks;
    const part = await only(executor, { ...group, tasks: task ? [{ ...task, only: [2, 3] }] : [] });
    assert.equal(
      part.failures.map(({ place }) => place),
      [3],
    );
    assert.is(part.items, 4);
  });

  test('nothing counts of a chunk that throws', async () => {
    const reply = await only(executor, groupOf(fixture('chunks'), [[1, 'bad', 'throw']]));
    assert.is(reply.error?.message, 'the whole chunk');
    assert.equal([reply.output, reply.failures, reply.counters], [null, [], undefined]);
  });

  test('reads the items of a slice where it runs, counts and names them by place', async () => {
    const reply = await only(executor, groupOfSlices(fixture('slices'), [{ from: 5, to: 9 }]));
    assert.is(reply.items, 4);
    assert.equal(outputOf(reply), [50, 60, 80]);
    assert.equal(reply.places, [0, 1, 3]);
    assert.equal(
      reply.failures.map(({ place, error }) => [place, error.message]),
      [[2, '7 is refused']],
    );
  });

  test('tells slices apart by what was read, also when the work fails', async () => {
    const read = async (slice: object): Promise<string | undefined> =>
      (await only(executor, groupOfSlices(fixture('slices'), [slice]))).hash;
    const hash = await read({ from: 5, to: 9 });
    assert.type(hash, 'string');
    assert.is(await read({ from: 5, to: 9 }), hash);
    assert.is.not(await read({ from: 5, to: 8 }), hash);
    assert.is(await read({ from: 5, to: 9, breakAt: 8 }), undefined, 'it was not read to its end');
    assert.is((await only(executor, groupOf(fixture('numbers'), [[1]]))).hash, undefined);
  });

  test('runs only some items of a slice, and counts all', async () => {
    const group = groupOfSlices(fixture('slices'), [{ from: 0, to: 5 }]);
    const [task] = group.tasks;
    const reply = await only(executor, { ...group, tasks: task ? [{ ...task, only: [1, 4] }] : [] });
    assert.equal([reply.items, outputOf(reply), reply.places], [5, [10, 40], [1, 4]]);
  });

  test('a slice that cannot be read fails its batch', async () => {
    const reply = await only(executor, groupOfSlices(fixture('slices'), [{ from: 1, to: 5, breakAt: 3 }]));
    assert.is(reply.error?.message, "can't read 3");
    assert.is(reply.output, null);
  });

  test('a slice that the work does not read counts as one item', async () => {
    const reply = await only(executor, groupOfSlices(fixture('whole-slices'), [{ from: 2, to: 9 }]));
    assert.equal([reply.items, outputOf(reply)], [1, 7]);
  });

  test('a chunk gets the items that its work reads', async () => {
    const reply = await only(executor, groupOfSlices(fixture('read-chunks'), [{ to: 5 }]));
    assert.equal([reply.items, outputOf(reply)], [5, 5]);
    assert.equal(
      reply.failures.map(({ place }) => place),
      [3],
    );
  });

  test('fails an item that takes longer than itemTimeout, by its place', async () => {
    const group = faults([[good, { do: 'hang' }, good], [good]], { itemTimeoutMs: 60 });
    const { replies, death } = await tell(executor, group);
    if (executor.supports.kill) {
      assert.equal([death?.category, death?.number, death?.place], ['timeout', 0, 1]);
    } else {
      assert.is(replies.get(0)?.failures[0]?.error.category, 'timeout');
      assert.equal(replies.get(0)?.places, [0, 2]);
      assert.equal(outputOf(replies.get(1) as Reply), [1]);
    }
  });

  test('the time that reading takes is not charged to an item', async () => {
    const group = groupOfSlices(fixture('slow-slices'), [{ items: 3, waitMs: 120 }]);
    const { replies, death } = await tell(executor, { ...group, limits: { itemTimeoutMs: 50 } });
    assert.is(death, undefined);
    assert.equal(outputOf(replies.get(0) as Reply), [0, 1, 2]);
  });

  test('fails a batch that takes longer than timeout', async () => {
    const { replies, death } = await tell(executor, faults([[good, { do: 'wait', ms: 5_000 }]], { timeoutMs: 60 }));
    assert.is(death?.category ?? replies.get(0)?.error?.category, 'timeout');
    assert.match(death?.error.message ?? replies.get(0)?.error?.message ?? '', 'option timeout');
  });

  test('fails a batch without progress as stalled, and lets one with progress go on', async () => {
    const limits = { stallMs: 150 };
    const silent = await tell(executor, faults([[{ do: 'hang' }]], limits));
    assert.is(silent.death?.category ?? silent.replies.get(0)?.error?.category, 'stalled');
    const busy = await only(executor, faults([[{ do: 'progress', times: 12, everyMs: 25 }]], limits));
    assert.equal(outputOf(busy), [12]);
  });

  test('gives a group up when its signal aborts: what is answered stays, nobody is blamed', async () => {
    const abort = new AbortController();
    const group = faults([[{ do: 'wait', ms: 10 }], [{ do: 'until-signal' }], [good]]);
    const { replies, death } = await tell(executor, group, {
      signal: abort.signal,
      onReply: () => abort.abort(new Error('enough')),
    });
    assert.equal([...replies.keys()], [0]);
    assert.is(death?.givenUp, true);
    assert.match(death?.error.message ?? '', 'enough');
  });

  test('gives a group up that was given up before it began', async () => {
    const { replies, death } = await tell(executor, faults([[good]]), { signal: AbortSignal.abort(new Error('too late')) });
    assert.is(replies.size, 0);
    assert.is(death?.givenUp, true);
  });

  for (const [title, text, expected] of [
    ['is missing', undefined, "can't be loaded"],
    ['has a syntax error', 'export default {{', "can't be loaded"],
    ['throws when imported', 'throw new Error("at import");', 'at import'],
    ['has no default export', 'export const work = 1;', 'no work as its default export'],
    ['exports something else', 'export default { each: 1 };', 'no work as its default export'],
  ] as const) {
    test(`refuses a module that ${title}, and goes on`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-module-'));
      try {
        const file = join(folder, 'broken.work.mjs');
        if (text !== undefined) await writeFile(file, text);
        const source: WorkSource = { type: 'module', url: pathToFileURL(file).href };
        const error = await rejection(executor.load(source));
        assert.ok(error instanceof MillraceError);
        assert.is(error.code, 'WORK_MODULE');
        assert.match(error.message, expected);
        const { replies, death } = await tell(executor, groupOf(source, [[1], [2]]));
        assert.is(death, undefined);
        assert.equal(
          [...replies.values()].map((reply) => reply.error?.category),
          ['module', 'module'],
        );
        assert.equal(outputOf(await only(executor, groupOf(fixture('numbers'), [[5]]))), [5]);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }

  test('loads the built .js where the .ts of the source is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-module-'));
    try {
      const work = 'export default { source: { type: "in-place", work: { each: (value) => value + 1 } } };';
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      await writeFile(join(folder, 'built.work.js'), work);
      const source: WorkSource = { type: 'module', url: pathToFileURL(join(folder, 'built.work.ts')).href };
      assert.equal(outputOf(await only(executor, groupOf(source, [[1]]))), [2]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('refuses work that is no file', async () => {
    const source: WorkSource = { type: 'module', url: 'data:text/javascript,export default 1' };
    assert.match((await rejection(executor.load(source))).message, 'must be a file: URL');
  });

  test.run();
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof Error) return thrown;
  throw new Error('it did not reject');
}
