import * as assert from 'uvu/assert';
import { createGroupSize } from '../../src/engine/live/group-size.ts';
import { suite } from '../support/suite.ts';

const test = suite('group size');

test('begins with one batch, and at most doubles with an answer', () => {
  const size = createGroupSize();
  assert.is(size.current(), 1);
  for (const expected of [2, 4, 8, 16, 32, 64, 128, 256, 512, 512]) {
    size.learn(size.current(), 0);
    assert.is(size.current(), expected);
  }
});

test('makes groups of about 8 ms', () => {
  const size = createGroupSize();
  for (let step = 0; step < 8; step++) size.learn(size.current(), size.current() * 0.1);
  assert.is(size.current(), 80);
});

test('a batch that takes longer than that travels alone', () => {
  const size = createGroupSize();
  for (let step = 0; step < 5; step++) size.learn(1, 10);
  assert.is(size.current(), 1);
});

test('slow first batches are soon outweighed by the groups after them', () => {
  const size = createGroupSize();
  for (let worker = 0; worker < 4; worker++) size.learn(1, 5);
  for (let step = 0; step < 10; step++) size.learn(size.current(), size.current() * 0.01);
  assert.ok(size.current() >= 400, `${size.current()}`);
});

test('shrinks within a few answers when batches become slow', () => {
  const size = createGroupSize();
  for (let step = 0; step < 10; step++) size.learn(size.current(), size.current() * 0.01);
  for (let answer = 0; answer < 3; answer++) size.learn(1, 100);
  assert.ok(size.current() <= 16, `${size.current()}`);
});

test('an answer without batches teaches nothing', () => {
  const size = createGroupSize();
  size.learn(0, 0);
  assert.is(size.current(), 1);
});

test.run();
