import type { Group, Reply } from '../../model/executor.ts';
import type { GroupPort } from './group-port.ts';
import { quietLoop } from './quiet-loop.ts';
import type { Resources } from './resources.ts';
import { runGroup, type Unsettled } from './run-group.ts';
import type { Runtime } from './site.ts';

/** Runs a group and tells its answers. Those of a fresh group are held until the loop is quiet: a late failure takes them along. */
export async function runSettled(
  group: Group,
  runtime: Runtime,
  resources: Resources,
  port: GroupPort,
  unsettled: Unsettled,
): Promise<void> {
  if (!group.fresh) return runGroup(group, runtime, resources, port.add, unsettled);
  const quiet = quietLoop();
  const held: Reply[] = [];
  await runGroup(group, runtime, resources, (replies) => void held.push(...replies), unsettled);
  await quiet();
  port.add(held, true);
}
