import * as assert from 'uvu/assert';
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import {
  failure,
  first,
  host,
  leaseMs,
  newSession,
  type Scene,
  sceneOf,
  startScene,
} from '../../src/adapters/conformance/scene.ts';
import { runStoreCase, type StoreWorld } from '../../src/conformance.ts';
import { flatStateOf } from '../../src/machines/flat-state.ts';
import type { BatchState, SessionState } from '../../src/model/moves.ts';
import { memorySite, sqliteSite } from '../adapters/stores/store-sites.ts';
import { suite } from '../support/suite.ts';
import { charts } from './chart-events.ts';
import { explore, type Path } from './explored.ts';

/** Each shortest way through a chart is gone again in a store, by the writes that the engine would make of it. */
const test = suite('charts explored in stores');

const stores = { memory: async () => memorySite(), sqlite: sqliteSite };

const waysOf = Object.fromEntries(
  charts.map(({ name, machine, inputs }) => [name, distinct(explore(machine as unknown as AnyStateMachine, inputs).paths)]),
) as Readonly<Record<(typeof charts)[number]['name'], readonly Path[]>>;

/** Ways of several inputs are the same for a store when their steps are. Inputs that stand in the middle of a life have no way from its start. */
function distinct(paths: readonly Path[]): readonly Path[] {
  const fresh = paths.filter(({ input }) => !('attempt' in Object(input)) && !('generation' in Object(input)));
  return [
    ...new Map(
      fresh.map((path) => [JSON.stringify(path.steps.map(({ event, to }) => [event, to.value, to.context])), path]),
    ).values(),
  ];
}

for (const [storeName, site] of Object.entries(stores)) {
  test(
    `${storeName} goes ${waysOf.batch.length} ways of a batch`,
    () =>
      runStoreCase(
        {
          name: 'ways of a batch',
          async run(world) {
            for (const [number, path] of waysOf.batch.entries()) {
              const scene = await startScene(world, number + 1);
              await scene.enqueue(1);
              let before: BatchState = 'pending';
              for (const { event, to } of path.steps) before = await stepBatch(scene, before, event, to);
            }
          },
        },
        site,
      ),
    { timeoutMs: 60_000 },
  );

  test(
    `${storeName} goes ${waysOf.session.length} ways of a session`,
    () =>
      runStoreCase(
        {
          name: 'ways of a session',
          async run(world) {
            await world.store.registerOwner(host, leaseMs);
            for (const [number, path] of waysOf.session.entries()) {
              await world.store.createSession(newSession(number + 1));
              await goSession(world, sceneOf(world, newSession(number + 1).id), path);
            }
          },
        },
        site,
      ),
    { timeoutMs: 60_000 },
  );
}

const searching = {
  phase: 'search',
  from: 0,
  to: 1,
  noted: null,
  size: 0,
  deadInSight: 0,
  dead: [],
  survived: false,
  error: failure,
} as const;

/** Does in the store what the chart did, and compares. Answers the state reached. */
async function stepBatch(
  scene: Scene,
  from: BatchState,
  event: AnyEventObject,
  snapshot: AnyMachineSnapshot,
): Promise<BatchState> {
  const to = flatStateOf(snapshot.value) as BatchState;
  if (to === from) return from;
  const { attempt, suspect, probing } = snapshot.context as { attempt: number; suspect: boolean; probing: boolean };
  const { token } = await scene.batch(0);
  if (event.type === 'CLAIM') first(await scene.claim([0]));
  else {
    const write = {
      number: 0,
      from,
      to,
      attempt,
      suspect,
      ...(token ? { token } : {}),
      retryInMs: 0,
      error: failure,
      isolation: probing ? searching : null,
    };
    assert.is(await scene.write(write), true, `${from} ${event.type} ${to}`);
  }
  const batch = await scene.batch(0);
  assert.equal([batch.state, batch.attempt, batch.suspect], [to, attempt, suspect], `${from} ${event.type} ${to}`);
  return to;
}

async function goSession(world: StoreWorld, scene: Scene, { steps }: Path): Promise<void> {
  let from: SessionState = 'pending';
  for (const { event, to: snapshot } of steps) {
    const to = flatStateOf(snapshot.value) as SessionState;
    const { paused, generation } = snapshot.context as { paused: boolean; generation: number };
    const { epoch } = await scene.session();
    const step = `${from} ${event.type} ${to}`;
    if (event.type === 'REPLAY') {
      const opened = await world.store.replaySession({ id: scene.id, owner: host, batches: [] });
      assert.is(opened?.state, to, step);
    } else if (from !== to) assert.is(await scene.move(from, to, { epoch }), true, step);
    else {
      await world.store.requestSession(scene.id, { paused });
      assert.is((await scene.session()).paused, paused, step);
    }
    const session = await scene.session();
    assert.equal([session.state, session.generation], [to, generation], step);
    from = to;
  }
}

test.run();
