import type { Progress } from '../../engine/api/session.ts';
import { duration, number } from './words.ts';

/** What is counted as speed: a counter of the work, where the items themselves say little. */
export interface Speed {
  readonly noun: string;
  readonly perSecond: number;
}

const barWidth = 24;

/** One line for a terminal: label, percent, bar, speed, batches, time left. */
export function progressBar(label: string, progress: Progress, speed: Speed, paint: (text: string) => string): string {
  const done = Math.round((progress.fraction ?? 0) * barWidth);
  const bar = `${paint('█'.repeat(done))}${'░'.repeat(barWidth - done)}`;
  return [label, percent(progress).padStart(4), bar, ...facts(progress, speed)].join('  ');
}

/** One line for a log: it begins with the word `progress`. */
export function progressLine(label: string, progress: Progress, speed: Speed): string {
  return ['progress', label, percent(progress), ...facts(progress, speed)].join('  ');
}

/** Rounded down: 100% is for what has ended. */
function percent({ fraction }: Progress): string {
  return fraction === undefined ? '?%' : `${Math.floor(fraction * 100)}%`;
}

function facts({ counts, status, paused, sourceEnded, etaMs }: Progress, { noun, perSecond }: Speed): string[] {
  const { batches, items } = counts;
  const given = items.failed > 0 ? [`${number(items.failed)} failed`] : [];
  const waiting = paused ? ['paused'] : status === 'finalizing' ? ['finalizing'] : [];
  return [
    `${number(perSecond)} ${noun}/s`,
    `${number(batches.completed)}/${number(batches.total)}${sourceEnded ? '' : '+'} batches`,
    ...given,
    ...waiting,
    ...(etaMs !== undefined && etaMs > 0 ? [`${duration(etaMs)} left`] : []),
  ];
}
