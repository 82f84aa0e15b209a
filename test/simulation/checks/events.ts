import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { MillraceEvent } from '../../../src/model/events.ts';
import type { SessionId } from '../../../src/model/ids.ts';
import { isPending } from '../pending.ts';
import type { World } from '../world.ts';

/** Events that carry the newest number, and not one of their own. */
const withoutNumber: ReadonlySet<MillraceEvent['type']> = new Set(['session.resumed', 'batch.skipped']);

/** Listens to every event of every engine of the world: what they tell of must be so, and each number is told of one thing. */
export function listenToEvents(world: World): () => void {
  const told = new Map<SessionId, Map<number, string>>();
  const isRepeated = world.plan.faults.storeFailsAfter > 0 && isPending('numbersOfRepeated');
  const hear = (message: unknown): void => {
    const event = message as MillraceEvent;
    world.say(
      'tells',
      () => `${event.type} ${event.eventNumber} of ${event.job}${'number' in event ? `, batch ${event.number}` : ''}`,
    );
    const image = world.mirror.session(event.sessionId);
    if (!image) {
      world.broken('events', `${event.type} was told of a session that is not recorded`);
      return;
    }
    const name = `${event.type} ${event.eventNumber} of ${event.job}`;
    if (event.eventNumber > image.record.eventNumber) world.broken('events', `${name} was told before it was written`);
    if (event.type === 'batch.completed') {
      const batch = image.batches[event.number];
      const isSo = batch?.state === 'completed' || world.jobOf(event.job).overlap > 0;
      if (!isSo) world.broken('events', `${name} was told of batch ${event.number}, which is ${batch?.state}`);
    }
    if (event.type === 'session.completed' && image.record.state !== 'completed') {
      world.broken('events', `${name} was told of a session that is ${image.record.state}`);
    }
    if (withoutNumber.has(event.type) || isRepeated) return;
    const numbers = told.get(event.sessionId) ?? new Map<number, string>();
    told.set(event.sessionId, numbers);
    const what = 'number' in event ? `${event.type} ${event.number}` : event.type;
    const earlier = numbers.get(event.eventNumber);
    if (earlier !== undefined && earlier !== what) world.broken('events', `${name} has the number of ${earlier}`);
    numbers.set(event.eventNumber, what);
  };
  subscribe('millrace:event', hear);
  return () => void unsubscribe('millrace:event', hear);
}
