import type { TickFence } from '../../../src/model/schedules.ts';
import type { Store } from '../../../src/model/store.ts';
import type { PlantBug } from './plant-bug.ts';

async function ownerOf(good: Store, { schedule, at, owner }: TickFence): Promise<TickFence['owner']> {
  const ticks = await good.listTicks({ schedule, limit: 100 });
  return ticks.find((tick) => tick.at === at)?.owner ?? owner;
}

/** What stores get wrong about schedules, each as small as it comes. */
export const plantedScheduleBugs: Readonly<Record<string, PlantBug>> = {
  'gives an open tick to whoever asks': (good) => ({
    takeTick: async (take) => (await good.takeTick(take)) ?? good.takeTick({ ...take, owner: await ownerOf(good, take) }),
  }),
  'gives ticks to the dead': (good) => ({
    async takeTick(take) {
      await good.registerOwner(take.owner, 30_000);
      return good.takeTick(take);
    },
  }),
  'leaves an open tick with its dead owner': (good) => ({
    async takeTick(take) {
      const [schedule] = await good.listSchedules({ name: take.schedule });
      const isMine = (await ownerOf(good, take)) === take.owner;
      return schedule?.openTick === take.at && !isMine ? undefined : good.takeTick(take);
    },
  }),
  'lets a host start inputs of a tick that was taken from it': (good) => ({
    createTickSession: async (start) => good.createTickSession({ ...start, owner: await ownerOf(good, start) }),
  }),
  'lets a host note inputs of a tick that was taken from it': (good) => ({
    noteTickInput: async (note) => good.noteTickInput({ ...note, owner: await ownerOf(good, note) }),
  }),
  'ends a tick whoever says so': (good) => ({
    endTick: async (end) => good.endTick({ ...end, owner: await ownerOf(good, end) }),
  }),
  'tells by the session alone whether an input was started': (good) => ({
    async createTickSession(start) {
      const answer = await good.createTickSession(start);
      if (answer.type !== 'decided') return answer;
      const known = answer.input.sessionId && (await good.getSession(answer.input.sessionId));
      return known ? answer : good.createSession(start.session);
    },
  }),
  'notes a started input in a write of its own': (good) => ({
    async createTickSession(start) {
      const made = await good.createSession(start.session);
      return made.type === 'live' ? made : good.createTickSession(start);
    },
  }),
  'lets older inputs of a key wait on': (good) => ({
    async listTickInputs(filter) {
      const { outcome, ...all } = filter;
      const inputs = await good.listTickInputs(all);
      const kept = inputs.map((input) => (input.outcome === 'skipped' ? { ...input, outcome: 'queued' as const } : input));
      return kept.filter((input) => outcome === undefined || input.outcome === outcome);
    },
  }),
  'forgets what nobody took when a schedule is made again': (good) => ({
    async saveSchedule(schedule) {
      const [known] = await good.listSchedules({ name: schedule.name });
      if (known) await good.saveSchedule({ ...schedule, cron: '@yearly' });
      return good.saveSchedule(schedule);
    },
  }),
};
