import type { ListedGroup } from '../../workloads/warm/warm-item.ts';
import type { ProgressDisplay } from '../terminal/progress-display.ts';
import type { Terminal } from '../terminal/terminal.ts';

const barWidth = 40;

/** A bar a group, one below the other, on a terminal; nothing elsewhere. */
export function createGroupsDisplay(terminal: Terminal, groups: readonly ListedGroup[]): ProgressDisplay {
  const phases = groups.map(({ name, keys, loaders }) => ({ name, items: keys.length * loaders.length }));
  let begunAt = terminal.clock.now();
  let before = 0;
  return {
    update({ counts: { items } }) {
      // Items are taken in the order of their groups: those that are done fill one group after the other.
      for (let phase = phases[0]; phase; phase = phases[0]) {
        const done = Math.min(phase.items, items.completed + items.failed - before);
        const isDone = done === phase.items;
        terminal.status(barText(phase.name, isDone ? 1 : done / phase.items, terminal.clock.now() - begunAt), isDone);
        if (!isDone) return;
        before += phase.items;
        begunAt = terminal.clock.now();
        phases.shift();
      }
    },
    stop: () => terminal.status(''),
  };
}

function barText(group: string, share: number, ms: number): string {
  const done = Math.floor(share * barWidth);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `Warming ${group}: ${percent} |${'='.repeat(done)}${' '.repeat(barWidth - done)}| Time: ${clockText(ms)}`;
}

/** Hours, minutes and seconds: `00:01:30`. */
function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
