import { isEndedSession } from '../../../src/model/moves.ts';
import type { BatchWrite, Commit, CommitAnswer, SessionAnswer, SessionCommit } from '../../../src/model/store.ts';
import type { SessionImage } from '../mirror.ts';
import type { World } from '../world.ts';

/** What must hold of every group write that the store carried out. */
export function checkCommit(
  world: World,
  commit: Commit,
  answer: CommitAnswer,
  before: SessionImage | undefined,
  after: SessionImage,
): void {
  commit.sessions.forEach((part, index) => {
    if (part.sessionId !== after.record.id || !before) return;
    const told = answer.sessions[index];
    if (told) checkPart(world, part, told, before, after);
  });
}

function checkPart(world: World, part: SessionCommit, told: SessionAnswer, before: SessionImage, after: SessionImage): void {
  const { job } = after.record;
  const grew = after.batches.length > before.batches.length;
  if (grew && part.epoch !== before.record.epoch) world.broken('I12', `${job} was cut under epoch ${part.epoch}`);
  if (grew && isEndedSession(before.record.state)) world.broken('I7', `${job} was cut after its end`);
  (part.writes ?? []).forEach((write, index) => {
    if (told.written[index]) checkWritten(world, part, write, before, after);
  });
}

/** A write that was done came from the batch's own claim, or, where nothing was claimed, from the coordinator. */
function checkWritten(world: World, part: SessionCommit, write: BatchWrite, before: SessionImage, after: SessionImage): void {
  const [was, is] = [before.batches[write.number], after.batches[write.number]];
  if (!was || !is || was.state === is.state) return;
  const name = `batch ${write.number} of ${after.record.job}`;
  if (was.state === 'running' && was.token !== write.token)
    world.broken('I4', `${name} was settled by a claim that is not its own`);
  if (was.state !== 'running' && part.epoch !== before.record.epoch) {
    world.broken('I12', `${name} was moved to ${write.to} under epoch ${part.epoch}`);
  }
}
