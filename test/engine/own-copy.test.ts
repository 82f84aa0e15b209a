import * as assert from 'uvu/assert';
import { ownCopy } from '../../src/engine/ports/own-copy.ts';
import { suite } from '../support/suite.ts';

const test = suite('own copy');

test('plain values are copied as deep as they go, with what the codec would refuse', () => {
  const value = { list: [1, { deep: null }], nothing: undefined, none: Number.NaN, text: 'a' };
  const copy = ownCopy(value) as typeof value;
  assert.equal(copy, value);
  copy.list.push(2);
  (copy.list[1] as { deep: unknown }).deep = 1;
  assert.equal(value, { list: [1, { deep: null }], nothing: undefined, none: Number.NaN, text: 'a' });
});

test('a view is copied without the rest of the memory behind it', () => {
  const memory = Uint8Array.from({ length: 64 }, (_, index) => index);
  const views = [
    memory.subarray(8, 16),
    new Float64Array(memory.buffer, 16, 2),
    new BigInt64Array(memory.buffer, 32, 1),
    new DataView(memory.buffer, 8, 8),
    Buffer.from(memory.buffer, 4, 4),
  ];
  for (const view of views) {
    const copy = ownCopy(view) as ArrayBufferView;
    assert.equal(copy, view);
    assert.is(Object.getPrototypeOf(copy), Object.getPrototypeOf(view));
    assert.is.not(copy.buffer, memory.buffer);
    if (!Buffer.isBuffer(copy)) assert.is(copy.buffer.byteLength, view.byteLength);
  }
});

test('what has a class of its own stays what it is', () => {
  const when = new Date(0);
  const names = new Map([['a', 1]]);
  const copy = ownCopy({ when, names }) as { when: Date; names: Map<string, number> };
  assert.is(copy.when, when);
  assert.is(copy.names, names);
});

test.run();
