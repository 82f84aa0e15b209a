import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { referenceLines } from '../../support/annotations-reference.ts';
import { suite } from '../../support/suite.ts';
import { annotationsWorld, jsonLines } from './annotations-world.ts';

const test = suite('rules of annotations');

/** Short words of few letters, some of two units: so that texts occur twice, spans end in white space, and pairs are cut. */
const word = fc.stringMatching(/^[ab𝛼\u00e9]{1,3}$/u);
const gap = fc.constantFrom(' ', '  ', '\n', '\u00a0', '\t ', '');
const text = fc.array(fc.tuple(word, gap), { minLength: 1, maxLength: 8 }).map((parts) => parts.flat().join(''));
const odd = fc.constantFrom<unknown>(null, false, '', ' ', 0, 1.5, -1, [], {}, 'T1', true, [[]], { begin: 0, end: 1 });
const mostly = <Value>(usual: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: usual, weight: 30 }, { arbitrary: odd, weight: 1 });
const id = (letter: string): fc.Arbitrary<string | undefined> =>
  fc.option(
    fc.integer({ min: 1, max: 5 }).map((number) => `${letter}${number}`),
    { nil: undefined },
  );
const span = fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 9 })).map(([begin, length]) => ({ begin, end: begin + length }));
const reference = fc.constantFrom('T1', 'T2', 'B1', 'R1', 'X');
const spanned = (letter: string): fc.Arbitrary<object> =>
  fc.oneof(
    fc.record({
      id: id(letter),
      span: mostly(fc.oneof({ arbitrary: span, weight: 4 }, fc.array(span, { maxLength: 2 }))),
      obj: mostly(word),
    }),
    fc.tuple(span, id(letter)).map(([flat, one]) => ({ ...flat, id: one, obj: 'x' })),
  );
const record = fc.record({
  text,
  denotations: mostly(fc.array(mostly(spanned('T')), { maxLength: 3 })),
  blocks: fc.array(spanned('B'), { maxLength: 1 }),
  relations: mostly(fc.array(fc.record({ id: id('R'), subj: reference, pred: mostly(word), obj: reference }), { maxLength: 1 })),
  attributes: fc.array(fc.record({ id: id('A'), subj: reference, pred: mostly(word), obj: mostly(word) }), { maxLength: 1 }),
});
const around = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => `𝛼b ${text} aé`,
  (text) => text.replace(/\s+/g, ''),
  (text) => `b${text.replace(/\s+/g, '\n ')}`,
  (text) => `${text} ${text}`,
  () => 'other',
);

test(
  'whatever records there are, each is accepted or refused as the plain implementation does it, with the same offsets',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(record, around), { minLength: 40, maxLength: 60 }), async (given) => {
        using world = annotationsWorld();
        const named = given.map(
          ([one, change], number) => [{ sourcedb: 'Demo', sourceid: `${number}`, ...one }, change] as const,
        );
        const file = world.write('records.jsonl', jsonLines(named.map(([one]) => one)));
        const docs = named.map(([{ sourcedb, sourceid, text: own }, change]) => ({ sourcedb, sourceid, text: change(own) }));
        world.write('docs.jsonl', jsonLines(docs));
        await world.run({});
        const right = referenceLines([file], world.path('docs.jsonl'));
        assert.equal(
          world.lines(),
          right.map(({ status, code, items, alignment }) => [status, code, items, alignment].join(' ').trim()),
        );
        const written = world
          .read('out/annotations.jsonl')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line));
        assert.equal(
          written,
          right.flatMap((line) => (line.record === undefined ? [] : [line.record])),
        );
      }),
      { numRuns: 12 },
    );
  },
  { timeoutMs: 60_000 },
);

test('ids that are missing become the lowest that are free, and may be referred to', async () => {
  using world = annotationsWorld();
  const denotations = [
    { span: { begin: 0, end: 1 }, obj: 'x' },
    { id: 'T1', span: { begin: 0, end: 1 }, obj: 'x' },
    { begin: 1, end: 2, obj: 'x' },
  ];
  const attributes = [{ subj: 'T3', pred: 'sure' }];
  const document = { sourcedb: 'pubmed', sourceid: 7, text: 'ab' };
  world.write('records.jsonl', jsonLines([{ ...document, denotations, attributes }]));
  world.write('docs.jsonl', jsonLines([document]));
  await world.run({});
  const [one] = world
    .read('out/annotations.jsonl')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  assert.equal(
    one.denotations.map(({ id: own }: { id: string }) => own),
    ['T2', 'T1', 'T3'],
  );
  assert.equal(one.attributes, [{ id: 'A1', obj: true, pred: 'sure', subj: 'T3' }]);
  assert.equal([one.sourcedb, one.sourceid], ['PubMed', '7']);
});

test('in mode replace, a document with several records is refused as a whole, or keeps the one that was asked for, or all', async () => {
  using world = annotationsWorld();
  const documents = ['a', 'b'].map((sourceid) => ({ sourcedb: 'Demo', sourceid, text: 'text' }));
  const [a, b] = documents;
  world.write('docs.jsonl', jsonLines(documents));
  world.write('records.jsonl', jsonLines([a, b, { ...a, text: '' }, a]));
  const refused = await world.run({ options: { mode: 'replace' } });
  assert.equal(refused, { status: 'duplicates', records: 1, examples: ['records.jsonl:4'] });
  assert.throws(() => world.lines(), /ENOENT/);
  const kept = async (onDuplicate: 'first' | 'last' | 'merge'): Promise<string[]> => {
    await world.run({ options: { mode: 'replace', onDuplicate }, out: world.path(onDuplicate) });
    return world.lines(onDuplicate).map((line) => line.replace(/ .*? /, ' '));
  };
  const [good, double, empty] = ['accepted 0 identical', 'refused 0', 'refused 0'];
  assert.equal(await kept('first'), [good, good, empty, double]);
  assert.equal(await kept('last'), [double, good, empty, good]);
  assert.equal(await kept('merge'), [good, good, empty, good]);
  assert.match(world.read('last/lines.tsv'), /records.jsonl\t1\trefused\tduplicate_document\t/);
});

test('without a good record there is no batch, and the run completes at once', async () => {
  using world = annotationsWorld();
  world.write('docs.jsonl', '');
  for (const [text, lines] of [
    ['', 0],
    ['\n', 1],
    ['[]\n{}', 2],
  ] as const) {
    world.write('records.jsonl', text);
    const report = await world.run({});
    if (report.status !== 'completed') throw new Error(report.status);
    assert.equal([report.summary.lines, report.summary.accepted, report.summary.batches], [lines, 0, 0]);
    assert.is(world.read('out/annotations.jsonl'), '');
  }
});

test.run();
