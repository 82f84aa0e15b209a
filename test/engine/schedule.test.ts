import * as assert from 'uvu/assert';
import { createScheduler, type Feed, type Pulled } from '../../src/engine/live/schedule.ts';
import { heapInUse } from '../support/heap.ts';
import { suite } from '../support/suite.ts';

const test = suite('schedule');

interface NamedFeed extends Feed<number> {
  readonly name: string;
  /** What it can still give. */
  left: number;
}

function feed(name: string, left: number, options: { priority?: number; size?: number } = {}): NamedFeed {
  const made: NamedFeed = {
    name,
    left,
    priority: options.priority ?? 0,
    groupSize: () => options.size ?? 1,
    take(limit) {
      const count = Math.min(limit, made.left);
      made.left -= count;
      return Array.from({ length: count }, (_, index) => index);
    },
  };
  return made;
}

/** A scheduler whose groups are kept until they are let go by hand. */
function world(lanes: number) {
  const scheduler = createScheduler<NamedFeed, number>(lanes);
  const held: Pulled<NamedFeed, number>[] = [];
  const order: string[] = [];
  scheduler.groups$.subscribe((pulled) => {
    held.push(pulled);
    order.push(pulled.feed.name);
  });
  /** Lets the oldest groups go, one by one. */
  const release = (count: number): void => {
    for (let index = 0; index < count; index++) held.shift()?.release();
  };
  return { scheduler, held, order, release };
}

function countOf(order: readonly string[], name: string): number {
  return order.filter((one) => one === name).length;
}

test('pulls no more than there are free lanes, and one group for each lane that gets free', () => {
  const { scheduler, held, release } = world(3);
  const only = feed('only', 100);
  scheduler.add(only);
  assert.is(held.length, 3);
  assert.is(only.left, 97);
  release(1);
  assert.is(held.length, 3);
  assert.is(only.left, 96);
});

test('pulls nothing before somebody listens', () => {
  const scheduler = createScheduler<NamedFeed, number>(2);
  const only = feed('only', 5);
  scheduler.add(only);
  assert.is(only.left, 5);
  scheduler.groups$.subscribe();
  assert.is(only.left, 3);
});

test('asks a feed for as many batches as should travel together', () => {
  const { scheduler, held } = world(1);
  scheduler.add(feed('only', 10, { size: 4 }));
  assert.is(held[0]?.batches.length, 4);
});

test('serves the higher priority first', () => {
  const { scheduler, order, release } = world(1);
  const low = feed('low', 3);
  const high = feed('high', 3, { priority: 5 });
  scheduler.add(low);
  scheduler.add(high);
  release(5);
  assert.equal(order, ['low', 'high', 'high', 'high', 'low', 'low']);
});

test('shares the lanes between feeds of one priority', () => {
  const { scheduler, order, release } = world(2);
  for (const name of ['a', 'b', 'c']) scheduler.add(feed(name, 100));
  release(28);
  assert.is(order.length, 30);
  for (const name of ['a', 'b', 'c']) assert.ok(Math.abs(countOf(order, name) - 10) <= 1, `${name} has ${countOf(order, name)}`);
});

test('lets a feed that had nothing for a while not catch up', () => {
  const { scheduler, order, release } = world(1);
  const steady = feed('steady', 1_000);
  const idle = feed('idle', 0);
  scheduler.add(idle);
  scheduler.add(steady);
  release(100);
  idle.left = 1_000;
  scheduler.wake(idle);
  const before = order.length;
  release(10);
  const since = order.slice(before);
  assert.ok(Math.abs(countOf(since, 'idle') - 5) <= 1, since.join(' '));
});

test('does not let what a higher priority had count against feeds of a lower one', () => {
  const { scheduler, order, release } = world(1);
  const high = feed('high', 500, { priority: 1 });
  const steady = feed('steady', 1_000);
  const halting = feed('halting', 1);
  scheduler.add(steady);
  scheduler.add(halting);
  scheduler.add(high);
  release(510);
  halting.left = 1_000;
  scheduler.wake(halting);
  const before = order.length;
  release(10);
  const since = order.slice(before);
  assert.ok(Math.abs(countOf(since, 'halting') - 5) <= 1, since.join(' '));
});

test('gives a lane back once, however often it is released', () => {
  const { scheduler, held } = world(2);
  const only = feed('only', 100);
  scheduler.add(only);
  const first = held[0];
  first?.release();
  first?.release();
  first?.release();
  assert.is(only.left, 97);
});

test('asks a feed that had nothing only after it was woken', () => {
  const { scheduler, order } = world(1);
  const late = feed('late', 0);
  scheduler.add(late);
  late.left = 1;
  assert.equal(order, []);
  scheduler.wake(late);
  assert.equal(order, ['late']);
});

test('serves a removed feed no more, and ends its stream when closed', () => {
  const scheduler = createScheduler<NamedFeed, number>(1);
  const held: Pulled<NamedFeed, number>[] = [];
  let isOver = false;
  scheduler.groups$.subscribe({
    next: (pulled) => held.push(pulled),
    complete: () => {
      isOver = true;
    },
  });
  const gone = feed('gone', 10);
  scheduler.add(gone);
  scheduler.remove(gone);
  held[0]?.release();
  assert.is(gone.left, 9);
  scheduler.close();
  assert.ok(isOver);
});

test('keeps nothing of a million groups that came and went', () => {
  const lanes = 4;
  const scheduler = createScheduler<NamedFeed, number>(lanes);
  const waiting: Pulled<NamedFeed, number>[] = [];
  let most = 0;
  let seen = 0;
  scheduler.groups$.subscribe((pulled) => {
    seen++;
    most = Math.max(most, waiting.push(pulled));
  });
  const many = feed('many', 1_000);
  const runAll = (): void => {
    scheduler.wake(many);
    while (waiting.length > 0) waiting.shift()?.release();
  };
  scheduler.add(many);
  runAll();
  const before = heapInUse();
  many.left = 1_000_000;
  runAll();
  const grown = heapInUse() - before;
  assert.is(seen, 1_001_000);
  assert.is(most, lanes);
  assert.ok(grown < 1_000_000, `${grown} bytes for a million groups`);
});

test.run();
