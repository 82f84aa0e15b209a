import * as assert from 'uvu/assert';
import { type AnyActorRef, type AnyEventObject, type AnyStateMachine, createActor, type Snapshot } from 'xstate';
import { flatStateOf } from '../../src/machines/flat-state.ts';
import { compileRecordDriver } from '../../src/machines/record-driver.ts';
import type { Random } from '../../src/testing/random.ts';

interface LooseRecord {
  readonly state: string;
  readonly context: Readonly<Record<string, unknown>>;
}

interface LooseDriver {
  start(input: unknown): LooseRecord;
  step(record: LooseRecord, event: AnyEventObject): LooseRecord | undefined;
}

/** A driver whose types are not those of one machine. */
export function looseDriver(machine: AnyStateMachine): LooseDriver {
  return compileRecordDriver(machine) as unknown as LooseDriver;
}

/** Starts an actor, anew or from a snapshot. An error of its own is found when it is compared. */
export function startActor(machine: AnyStateMachine, options: { input?: unknown; snapshot?: Snapshot<unknown> }): AnyActorRef {
  const actor = createActor(machine, options as { input: unknown });
  actor.subscribe({ error: () => undefined });
  return actor.start();
}

/** Fails unless actor and record stand in the same place with the same context. */
export function assertSame(actor: AnyActorRef, record: LooseRecord, path: () => string): void {
  const { value, context, status, error } = actor.getSnapshot();
  if (status === 'error') throw new Error(`the actor failed after ${path()}`, { cause: error });
  if (flatStateOf(value) === record.state && isSameContext(context, record.context)) return;
  assert.equal({ state: flatStateOf(value), context }, { ...record }, `actor and record differ after ${path()}`);
}

function isSameContext(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.is(left[key], right[key]));
}

function send(actor: AnyActorRef, event: AnyEventObject): void {
  if (actor.getSnapshot().status === 'active') actor.send(event);
}

/** Walks every (actor, record) pair that these events reach within `depth` steps. Answers how many there are. */
export function walkPairs(machine: AnyStateMachine, input: unknown, events: readonly AnyEventObject[], depth: number): number {
  const driver = looseDriver(machine);
  const first = { actor: startActor(machine, { input }), record: driver.start(input), path: 'start' };
  assertSame(first.actor, first.record, () => 'the start');
  const seen = new Set([keyOf(first.record)]);
  let front = [first];
  for (let level = 0; level < depth && front.length > 0; level++) {
    const next: typeof front = [];
    for (const pair of front) {
      for (const event of events) {
        const actor = startActor(machine, { snapshot: pair.actor.getSnapshot() });
        send(actor, event);
        const path = `${pair.path} > ${event.type}`;
        const record = driver.step(pair.record, event) ?? pair.record;
        assertSame(actor, record, () => path);
        if (!seen.has(keyOf(record))) next.push({ actor, record, path });
        seen.add(keyOf(record));
      }
    }
    front = next;
  }
  return seen.size;
}

function keyOf({ state, context }: LooseRecord): string {
  return `${state} ${JSON.stringify(context)}`;
}

/** Sends the same random events to one actor and one record, comparing after each. Answers the states seen. */
export function followPath(
  machine: AnyStateMachine,
  driver: LooseDriver,
  input: unknown,
  events: readonly AnyEventObject[],
  random: Random,
  length: number,
): readonly string[] {
  const actor = startActor(machine, { input });
  let record = driver.start(input);
  const states = [record.state];
  const path: string[] = [];
  for (let step = 0; step < length; step++) {
    const event = random.pick(events);
    send(actor, event);
    record = driver.step(record, event) ?? record;
    path.push(event.type);
    assertSame(actor, record, () => path.join(' > '));
    states.push(record.state);
  }
  actor.stop();
  return states;
}
