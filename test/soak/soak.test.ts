import { rm } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { readOptions } from '../../soak/options.ts';
import { type SoakReport, soak } from '../../soak/soak.ts';
import { suite } from '../support/suite.ts';

const test = suite('soak');

/** A short one: `npm run soak` has the long ones. */
function shortSoak(...args: string[]): Promise<SoakReport> {
  return soak(readOptions(['--seed', '1', '--minutes', '2', ...args]), new AbortController().signal, () => undefined);
}

/** The rules that were broken by a bug that was planted. What was kept of it is of no interest. */
async function brokenRules({ rounds }: SoakReport): Promise<string> {
  for (const { folder } of rounds) if (folder) await rm(folder, { recursive: true });
  return [...new Set(rounds.flatMap(({ violations }) => violations.map(({ rule }) => rule)))].join(', ');
}

test(
  'hosts on one store are killed, suspended and closed, and nothing is lost or done twice',
  async () => {
    const report = await shortSoak('--kills', '10', '--variant', 'plain');
    const broken = report.rounds.flatMap(({ violations, folder }) =>
      violations.map(({ rule, what }) => `${rule}: ${what} (${folder})`),
    );
    assert.is(broken.join('\n'), '');
    assert.ok(report.total.kills >= 10, `${report.total.kills} kills`);
  },
  { timeoutMs: 180_000 },
);

test(
  'an answer of a host that was taken for dead is seen to be taken when the fence is gone',
  async () => {
    const report = await shortSoak('--kills', '1', '--variant', 'zombies', '--planted', 'no-fence');
    assert.match(await brokenRules(report), 'nothing acknowledged is replaced');
  },
  { timeoutMs: 180_000 },
);

test(
  'innocents are seen to die when everyone is charged for the death of a host',
  async () => {
    const report = await shortSoak('--kills', '12', '--variant', 'groups', '--planted', 'charge-everyone');
    assert.match(await brokenRules(report), 'no dead letters');
  },
  { timeoutMs: 180_000 },
);

test.run();
