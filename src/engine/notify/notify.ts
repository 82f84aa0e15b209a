import { errorInfo } from '../../model/error-info.ts';
import type { Notification, NotificationRecord } from '../../model/notifications.ts';
import { deferred } from '../ports/deferred.ts';
import type { EnginePorts } from '../ports/ports.ts';
import type { Notify } from './notify-options.ts';

/** Delivers what the store has to tell, as long as the engine is open. */
export interface Notifier {
  start(): void;
  /** Looks now, and not with the next turn. */
  soon(): void;
  /** Tells what is there, one last time, for so long at most. From then on nothing is asked of the store any more. */
  close(graceMs: number): Promise<void>;
}

/** How often a host looks for what others left, and what is due again. */
const lookEveryMs = 5_000;
/** Notifications that are taken at once: those of a host that dies wait for nobody else meanwhile. */
const page = 20;
const longestTryMs = 30_000;
/** With waits of 1 s, doubled up to an hour, these take about nine hours. */
const mostTries = 20;
const firstWaitMs = 1_000;
const longestWaitMs = 3_600_000;

type Ports = Pick<EnginePorts, 'store' | 'clock' | 'logger' | 'owner' | 'released$'>;

export function createNotifier(ports: Ports, notify: Notify | undefined): Notifier {
  const { clock, logger, released$ } = ports;
  let closing = false;
  let ended = false;
  let again = false;
  let looking: Promise<void> | undefined;
  let cancel = (): void => undefined;
  const over = new AbortController();

  const deliverAll = async (hook: Notify): Promise<void> => {
    for (;;) {
      const taken = await ports.store.takeNotifications({ owner: ports.owner(), limit: page });
      for (const record of taken) {
        if (ended) return;
        await deliver(ports, hook, record, over.signal, () => ended);
      }
      if (taken.length === 0) return;
    }
  };
  const look = async (hook: Notify): Promise<void> => {
    try {
      do {
        again = false;
        await deliverAll(hook);
      } while (again && !ended);
    } catch (error) {
      if (!ended) logger.error({ error: errorInfo(error).message }, 'notifications could not be looked at');
    }
  };
  const soon = (): void => {
    if (!notify || ended) return;
    again = true;
    looking ??= look(notify).finally(() => {
      looking = undefined;
      // It was asked for when the last look was just over.
      if (again) soon();
    });
  };
  const turn = (): void => {
    soon();
    if (!closing) cancel = clock.after(lookEveryMs, turn, { background: true });
  };
  const subscription = notify && released$.subscribe(soon);
  return {
    start() {
      if (notify) turn();
    },
    soon,
    async close(graceMs) {
      closing = true;
      cancel();
      soon();
      await within(clock, graceMs, looking);
      ended = true;
      subscription?.unsubscribe();
      over.abort(new Error('The engine was closed.'));
    },
  };
}

function within(clock: Ports['clock'], ms: number, promise: Promise<void> | undefined): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void Promise.resolve(promise).finally(() => {
      cancel();
      resolve();
    });
  });
}

/** A host that died with it has tried, too: so a notification that kills hosts comes to an end. */
async function deliver(
  { store, clock, logger, owner }: Ports,
  hook: Notify,
  { notification, tries, error: before }: NotificationRecord,
  over: AbortSignal,
  isEnded: () => boolean,
): Promise<void> {
  const { id } = notification;
  const taker = owner();
  const facts = { notification: id, type: notification.type, tries };
  const failure = tries > mostTries ? (before ?? hostsDied) : await callHook(clock, hook, notification, tries, over);
  // Whoever owns it next tells it again.
  if (isEnded()) return;
  if (!failure) return store.settleNotification({ id, owner: taker, to: 'delivered' });
  if (tries >= mostTries) {
    logger.error({ ...facts, error: failure.message }, 'notification was given up');
    return store.settleNotification({ id, owner: taker, to: 'undelivered', error: failure });
  }
  const inMs = Math.min(firstWaitMs * 2 ** (tries - 1), longestWaitMs);
  logger.warn({ ...facts, error: failure.message, retryInMs: inMs }, 'notification was not delivered; it will be tried again');
  return store.settleNotification({ id, owner: taker, to: 'again', inMs, error: failure });
}

const hostsDied = { name: 'Error', message: 'Hosts died while they delivered it.', category: 'host-death' } as const;

/** Answers what the hook failed with. */
async function callHook(
  clock: Ports['clock'],
  hook: Notify,
  notification: Notification,
  tries: number,
  over: AbortSignal,
): Promise<NotificationRecord['error']> {
  const limit = new AbortController();
  const late = deferred<never>();
  limit.signal.addEventListener('abort', () => late.reject(limit.signal.reason), { once: true });
  const tooLong = new Error(`notify took longer than ${longestTryMs / 1_000} s.`);
  const cancel = clock.after(longestTryMs, () => limit.abort(tooLong));
  const onOver = (): void => limit.abort(over.reason);
  over.addEventListener('abort', onOver, { once: true });
  try {
    const told = (async () => hook(notification, { tries, signal: limit.signal }))();
    await Promise.race([told, late.promise]);
    return null;
  } catch (thrown) {
    return errorInfo(thrown);
  } finally {
    cancel();
    over.removeEventListener('abort', onOver);
  }
}
