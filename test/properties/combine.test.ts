import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { byCount } from '../../src/model/chunkers.ts';
import { decode, encode, hashOf, joinEncoded } from '../../src/model/codec.ts';
import { defineJob } from '../../src/model/job.ts';
import { defineWork } from '../../src/model/work.ts';
import { openWorld } from '../support/engine-world.ts';
import { sourceFiles } from '../support/source-files.ts';
import { suite } from '../support/suite.ts';

const test = suite('laws of combine and codec');

test('each job of the package that combines has its law tried beside it, on random inputs or by checkJob', () => {
  const combining = sourceFiles('src/workloads').filter(({ text }) => /defineJob\(/.test(text) && /^\s+combine[:,]/m.test(text));
  assert.ok(combining.length > 0);
  assert.equal(
    combining.map(({ path }) => path).filter((path) => !hasLaw(path)),
    [],
  );
});

/** A test of the same workload that tries the law. */
function hasLaw(path: string): boolean {
  const folder = path.replace(/^src/, 'test').replace(/\/[^/]+$/, '/');
  return sourceFiles('test').some((file) => file.path.startsWith(folder) && /from 'fast-check'|checkJob\(/.test(file.text));
}

const texts = defineJob(defineWork({ each: (item: string) => item }), {
  name: 'texts',
  source: (input: { items: string[]; size: number }) => input.items,
  chunk: byCount(3),
  combine: (left, right) => left + right,
});

test('an associative combine gives what a fold over the whole gives, in the order of the input', async () => {
  const { engine } = await openWorld([texts]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 5 }), { maxLength: 40 }), async (items) => {
      const { result } = await engine.run(texts, { items, size: 3 });
      assert.is(result, items.length === 0 ? undefined : items.join(''));
    }),
    { numRuns: 60 },
  );
  await engine.close();
});

/** What JSON has, typed arrays, and much that the codec must refuse. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  withObjectString: true,
});

test('whatever is encoded comes back as something with the same encoding, and the rest is refused by its place', () => {
  fc.assert(
    fc.property(anything, (value) => {
      try {
        const payload = encode(value);
        assert.is(hashOf(encode(decode(payload))), hashOf(payload));
      } catch (error) {
        assert.match((error as Error).message, /^\$.* can't be stored: /);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the joined encodings of any values are the encoding of their list', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.jsonValue(), fc.float64Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 })), { maxLength: 8 }),
      (values) => {
        assert.is(hashOf(encode(decode(joinEncoded(values.map((value) => encode(value)))))), hashOf(encode(values)));
      },
    ),
  );
});

test('bytes that nobody encoded are refused, and change nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, pretends) => {
      if (pretends && bytes.length >= 4) bytes.set([0x4d, 0x4c, 0x52, 0x31]);
      try {
        decode(bytes.slice());
      } catch (error) {
        assert.is((error as { code?: string }).code, 'STORE_FAILED');
      }
      assert.is(({} as { polluted?: unknown }).polluted, undefined);
    }),
    { numRuns: 2_000 },
  );
});

test.run();
