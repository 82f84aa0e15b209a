import type { Death, Executor, Group, GroupReport, Reply, RunHooks, Task } from '../../src/model/executor.ts';
import { garble } from './garbled-replies.ts';
import type { JobPlan } from './plan.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { isSearched, type Ran, runBatch } from './simulated-worker.ts';
import type { Execution } from './witness.ts';
import type { World } from './world.ts';

/** Workers of one host, in virtual time. Their answers get lost, come twice, late, or in another order. */
export function simulatedExecutor(world: World, host: SimulatedHost, name: string, slots: number): Executor {
  const kill = name !== 'inline';
  const most = kill ? slots * 2 : slots;
  const queue: (() => void)[] = [];
  let atWork = 0;
  let given = 0;
  let closed = false;
  const enter = (): Promise<void> =>
    new Promise((resolve) => {
      const begin = (): void => {
        atWork++;
        resolve();
      };
      if (atWork < slots) begin();
      else queue.push(begin);
    });
  const leave = (): void => {
    atWork--;
    queue.shift()?.();
  };
  return {
    name,
    slots,
    supports: { kill },
    load: async (source) => {
      if (source.type === 'in-place') return { kind: source.work.each ? 'each' : 'chunk', reads: true };
      const job = world.jobOf(source.url.slice('file:///'.length, -'.work.ts'.length));
      return { kind: job.work, reads: job.input === 'slices' };
    },
    async run(group, hooks) {
      if (closed) throw new Error('The executor was closed.');
      given++;
      // Batches that may have killed a host come from the lanes of other executors.
      if (given > most && name !== 'processes')
        world.broken('I10', `${host.name} has ${given} groups claimed for ${slots} workers`);
      host.groups++;
      await enter();
      if (atWork > slots) world.broken('I10', `${host.name} has ${atWork} groups at work in ${slots} workers`);
      try {
        return await runGroup({ world, host, group, hooks, isApart: name === 'processes', isClosed: () => closed });
      } finally {
        leave();
        given--;
        host.groups--;
      }
    },
    async close() {
      closed = true;
    },
  };
}

interface GroupParts {
  readonly world: World;
  readonly host: SimulatedHost;
  readonly group: Group;
  readonly hooks: RunHooks;
  /** In a process of its own: its death is not the host's. */
  readonly isApart: boolean;
  readonly isClosed: () => boolean;
}

async function runGroup(parts: GroupParts): Promise<GroupReport> {
  const { world, host, group, hooks, isClosed, isApart } = parts;
  const job = jobOfGroup(world, group);
  const messages = createMessages(parts, job);
  const isGivenUp = (): boolean => hooks.signal.aborted || isClosed();
  for (const task of group.tasks) {
    if (isGivenUp()) return messages.end(givenUp);
    const execution = begin(world, host, group, task);
    const ran = await runBatch({ world, host, job, group, isApart, isGivenUp }, task, execution);
    finish(world, host, execution);
    if (ran.type === 'given-up') return messages.end(givenUp);
    if (ran.type === 'died') return messages.end(deathOf(world, task, ran));
    messages.add(task, ran, execution);
  }
  return messages.end();
}

const givenUp: Death = {
  category: 'lost',
  error: { name: 'Error', message: 'The host gave the group up.', category: 'lost' },
  givenUp: true,
};

function jobOfGroup(world: World, { taskPrefix }: Group): JobPlan {
  return world.jobOf(taskPrefix.slice(0, taskPrefix.indexOf(':')));
}

function deathOf(world: World, task: Task, { category, place }: Extract<Ran, { type: 'died' }>): Death {
  const error = { name: 'WorkerDeath', message: `the worker ended: ${category}`, category } as const;
  const isNoted = !world.chance.happens(world.plan.faults.noteIsLost);
  return { category, error, ...(isNoted && { number: task.number, ...(place !== undefined && { place }) }) };
}

/** Work starts under a claim that the store has, and nowhere twice at once. */
function begin(world: World, host: SimulatedHost, group: Group, task: Task): Execution {
  const { mirror, witness } = world;
  const taskId = task.taskId ?? `${group.taskPrefix}${task.number}`;
  const owner = host.owners.at(-1);
  const { troubles } = host;
  const execution: Execution = { sessionId: group.sessionId, number: task.number, taskId, host, owner, troubles };
  const batch = mirror.session(group.sessionId)?.batches[task.number];
  const isLate = !mirror.isAlive(owner) || troubles > 0;
  const isClaimed = batch?.state === 'running' && batch.owner !== null && host.owners.includes(batch.owner);
  if (!isClaimed && !isLate) world.broken('claim', `${taskId} began on ${host.name} while the store has it as ${batch?.state}`);
  for (const other of witness.live(taskId)) {
    const rule = other.sessionId === execution.sessionId ? 'I3' : 'I8';
    if (mirror.isAlive(other.owner) && mirror.isAlive(owner)) {
      world.broken(rule, `${taskId} runs on ${other.host.name} and ${host.name} at once`);
    }
  }
  witness.begin(execution);
  const cutOff = (): void => witness.end(execution);
  host.onDeath.add(cutOff);
  ends.set(execution, cutOff);
  world.say(host.name, () => `runs ${taskId}, attempt ${task.attempt}${task.only ? `, only ${task.only.join(',')}` : ''}`);
  return execution;
}

const ends = new WeakMap<Execution, () => void>();

function finish(world: World, host: SimulatedHost, execution: Execution): void {
  world.witness.end(execution);
  const cutOff = ends.get(execution);
  if (cutOff) host.onDeath.delete(cutOff);
}

interface Messages {
  add(task: Task, ran: Extract<Ran, { type: 'replied' }>, execution: Execution): void;
  end(death?: Death): Promise<GroupReport>;
}

/** What workers tell goes in messages: each takes its time, and some go astray. */
function createMessages({ world, host, group, hooks, isClosed }: GroupParts, job: JobPlan): Messages {
  const { chance, plan, witness } = world;
  const { faults } = plan;
  const happens = (rate: number): boolean => world.faultsOn() && chance.happens(rate);
  const mayLose = (task: Task): boolean =>
    !isSearched({ world, group }, task) && witness.mayCharge(job, group.sessionId, task.number);
  const open = new Map<unknown, Task>(group.tasks.map((task) => [task.number, task]));
  let held: Heard[] = [];
  let lastAt = 0;
  const post = (heard: Heard, ms: number, isInTime = true): void => {
    host.after(ms, () => {
      // The channel to a worker ends with its executor.
      if (isClosed()) return;
      if (isInTime) noteDone(world, heard);
      hooks.onReplies(heard.replies);
    });
  };
  return {
    add(task, { reply, done }, execution) {
      // An answer that gets lost is charged like the death of a worker.
      if (happens(faults.replyIsLost) && mayLose(task)) return;
      const replies = happens(faults.replyIsGarbled) ? garble(chance, reply, open, () => mayLose(task)) : [reply];
      const heard: Heard = { replies, done: replies.includes(reply) ? done : [], execution };
      if (happens(faults.replyIsLate) && mayLose(task)) return post(heard, 60_000, false);
      if (chance.happens(0.5)) return void held.push(heard);
      const ms = chance.wait(5);
      lastAt = Math.max(lastAt, world.time.now() + ms);
      post(heard, ms);
      if (happens(faults.replyComesTwice)) post(heard, ms * chance.fraction());
    },
    async end(death) {
      // A worker that dies takes what it has not told with it.
      const rest = death && !death.givenUp && chance.happens(0.5) ? [] : held;
      held = [];
      await host.sleep(Math.max(chance.wait(5), lastAt - world.time.now()));
      for (const heard of rest) noteDone(world, heard);
      world.say(
        host.name,
        () => `ends a group of ${group.tasks.length}: ${rest.length} answers in its report, ${death?.category ?? 'no death'}`,
      );
      return { replies: rest.flatMap(({ replies }) => replies), ...(death && { death }) };
    },
  };
}

/** What the host hears of one reply. */
interface Heard {
  readonly replies: readonly Reply[];
  /** Items that it says are done. */
  readonly done: readonly number[];
  readonly execution: Execution;
}

function noteDone({ witness }: World, { done, execution }: Heard): void {
  for (const n of done) witness.noteDone(execution, n);
}
