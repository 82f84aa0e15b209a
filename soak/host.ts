import { once } from 'node:events';
import { getActiveResourcesInfo } from 'node:process';
import { sqlite } from '../src/adapters/stores/sqlite.ts';
import { createEngine } from '../src/create-engine.ts';
import type { Engine } from '../src/engine/api/api.ts';
import type { Session } from '../src/engine/api/session.ts';
import { MillraceError } from '../src/model/errors.ts';
import type { Logger } from '../src/model/logger.ts';
import { openHistory } from './history.ts';
import { digestOf, jobOf } from './jobs.ts';
import { observed } from './observed-store.ts';
import type { HostOrder, SessionPlan } from './plan.ts';

/** A host of the soak: `host.ts ORDER`. Starts its sessions, takes on what others leave behind, and closes on SIGTERM. */
const order = JSON.parse(process.argv[2] ?? '{}') as HostOrder;
process.env.SOAK_HOST = `${process.pid}`;
const note = openHistory(order.history, process.pid, process.pid);
const job = jobOf(order.job);

const opening = open();
// An idle engine keeps no process alive.
const alive = setInterval(() => undefined, 60_000);
process.once('SIGTERM', () => void close());
const engine = await opening;
note({ type: 'ready' });
if (order.onCommand) await once(process.stdin, 'data');
process.stdin.destroy();
try {
  for (const plan of order.starts) await start(plan);
} catch (error) {
  tellUnlessClosed(error);
}

/** A host that was suspended in the middle of a write holds the file: whoever is refused for that comes back, as a supervisor sees to. */
async function open(): Promise<Engine> {
  for (;;) {
    try {
      return await createEngine({
        jobs: [job],
        store: observed(sqlite(order.store), note),
        executor: order.executor,
        workers: order.workers,
        lease: order.leaseMs,
        grace: order.graceMs,
        env: ['SOAK_HOST', 'SOAK_KILL_AFTER'],
        logger: toErrorOutput({}),
      });
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('locked'))) throw error;
      process.stderr.write(`${error.message}\n`);
    }
  }
}

async function start(plan: SessionPlan): Promise<void> {
  const known = order.onCommand ? undefined : await engine.find(job, { key: plan.key });
  const session = known ?? (await engine.start(job, plan));
  answer(session).catch(tellUnlessClosed);
}

async function answer(session: Session<unknown, unknown>): Promise<void> {
  const { status, result, error } = await session.outcome();
  if (error) note({ type: 'trouble', message: `session ${session.id} ended as ${status}: ${error.message}` });
  note({ type: 'answered', session: session.id, key: session.key, status, digest: digestOf(result ?? null) });
}

function tellUnlessClosed(error: unknown): void {
  if (error instanceof MillraceError && error.code === 'ENGINE_CLOSED') return;
  note({ type: 'trouble', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

async function close(): Promise<void> {
  try {
    const engine: Engine = await opening;
    await engine.close();
  } catch (error) {
    tellUnlessClosed(error);
  }
  clearInterval(alive);
  process.stdin.destroy();
  // What is being closed takes a turn or two to be gone.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  // The pipes to whoever started this process are its own.
  const ours = new Set(['PipeWrap', 'TTYWrap', 'Immediate']);
  note({ type: 'closed', left: getActiveResourcesInfo().filter((name) => !ours.has(name)) });
}

function toErrorOutput(known: object): Logger {
  const at =
    (level: string) =>
    (facts: object, message: string): void =>
      void process.stderr.write(`${level} ${message} ${JSON.stringify({ ...known, ...facts })}\n`);
  return {
    debug: () => undefined,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (facts) => toErrorOutput({ ...known, ...facts }),
  };
}
