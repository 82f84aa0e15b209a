import type { Progress } from '../../engine/api/session.ts';
import type { Clock } from '../../model/clock.ts';
import { progressBar, progressLine, type Speed } from './progress-text.ts';
import type { StatusLine } from './status-line.ts';

/** How often a terminal's line is drawn, and a log gets one. */
const drawEveryMs = 100;
const lineEveryMs = 10_000;

/** Shows how far a session is, from the first progress until it is stopped. */
export interface ProgressDisplay {
  update(progress: Progress): void;
  stop(): void;
}

/** What a display draws on. */
export interface DisplayParts {
  readonly label: string;
  /** The counter whose rate is shown, such as `rows`; absent: items. */
  readonly counter?: string;
  readonly clock: Clock;
  /** Null: no terminal, so lines for a log. */
  readonly status: StatusLine | null;
  readonly paint: (text: string) => string;
  writeLine(line: string): void;
}

/** A bar that is redrawn in place on a terminal, at most ten times a second; elsewhere one line at the start and then every 10 s. */
export function createProgressDisplay(parts: DisplayParts): ProgressDisplay {
  const { label, clock, status, paint } = parts;
  const startedAt = clock.now();
  let latest: Progress | undefined;
  let begun: number | undefined;
  let cancel: (() => void) | undefined;

  const speedOf = (progress: Progress): Speed => {
    const { counter } = parts;
    const counted = counter === undefined ? undefined : progress.counters[counter];
    if (counter === undefined || counted === undefined) return { noun: 'items', perSecond: progress.itemsPerSecond };
    // A resumed session begins with what it had: only what was counted since tells of speed.
    begun ??= counted;
    return { noun: counter, perSecond: ((counted - begun) * 1_000) / Math.max(1, clock.now() - startedAt) };
  };
  const draw = (): void => {
    if (!latest) return;
    if (status) status.show(progressBar(label, latest, speedOf(latest), paint));
    else parts.writeLine(progressLine(label, latest, speedOf(latest)));
  };
  const tick = (): void => {
    draw();
    cancel = clock.after(status ? drawEveryMs : lineEveryMs, tick, { background: true });
  };
  if (!status) parts.writeLine(`progress  ${label}  started`);
  cancel = clock.after(status ? 0 : lineEveryMs, tick, { background: true });
  return {
    update(progress) {
      latest = progress;
      begun ??= parts.counter === undefined ? undefined : progress.counters[parts.counter];
    },
    stop() {
      cancel?.();
      status?.clear();
    },
  };
}
