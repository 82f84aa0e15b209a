import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Engine } from '../../engine/api/api.ts';
import { decode } from '../../model/codec.ts';
import { errorInfo } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { ScheduleEvent } from '../../model/schedule-events.ts';
import type { WarmReport } from '../../workloads/warm/report.ts';
import { reportWarm } from '../../workloads/warm/run-warm.ts';
import type { WarmInput, WarmJob } from '../../workloads/warm/warm-job.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { brief, moment } from '../terminal/words.ts';

/** What following a schedule needs. */
export interface TickParts {
  readonly engine: Engine;
  readonly terminal: Terminal;
  readonly job: WarmJob<unknown>;
  /** The schedule's name. */
  readonly name: string;
}

/** Waits for the end of a run that a tick has started or resumed, and reports it. */
export async function reportRun({ engine, job }: Pick<TickParts, 'engine' | 'job'>, id: SessionId): Promise<WarmReport> {
  const record = await engine.store.getSession(id);
  const session = await engine.find(job, { id });
  if (!record || !session) throw new MillraceError('SESSION_NOT_FOUND', `Session ${id} was deleted before it could be reported.`);
  // Recorded by this very job; a run that was resumed may have begun with other keys than are listed now.
  return reportWarm(session, decode(record.input) as WarmInput<unknown>);
}

/** Says of each tick of a schedule what became of it, and hands on the runs that it started or resumed. The answer stops it. */
export function followTicks({ terminal, name }: TickParts, onRun: (id: SessionId) => Promise<void>): () => void {
  const listener = (message: unknown): void => {
    // What is published on this channel.
    const event = message as ScheduleEvent;
    if (event.schedule !== name) return;
    const at = moment(event.at);
    if (event.type === 'tick.ended' && event.error) terminal.complain(`${at}: not run: ${brief(event.error.message)}`);
    if (event.type !== 'tick.input') return;
    const { outcome, sessionId, error } = event;
    if (outcome === 'skipped') terminal.note(`${at}: skipped, because the run before has not ended (session ${sessionId}).`);
    if (error) terminal.complain(`${at}: not run: ${brief(error.message)}`);
    if (sessionId === null || (outcome !== 'started' && outcome !== 'resumed')) return;
    terminal.note(`${at}: ${outcome} (session ${sessionId}).`);
    onRun(sessionId).catch((thrown: unknown) => {
      // A run that is handed back at the end of this command goes on with the next.
      if (!(thrown instanceof MillraceError && thrown.code === 'ENGINE_CLOSED')) terminal.complain(errorInfo(thrown).message);
    });
  };
  subscribe('millrace:schedule', listener);
  return () => void unsubscribe('millrace:schedule', listener);
}
