import { reasonToSkip, runStoreCase, type StoreSite, storeCases } from '../../../src/conformance.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { suite } from '../../support/suite.ts';
import { memorySite, sqliteSite } from './store-sites.ts';

// Each case asserts by itself; `planted-bugs.test.ts` shows that cases fail on stores that break the rules.
const sites: Readonly<Record<string, () => StoreSite | Promise<StoreSite>>> = { memory: memorySite, sqlite: sqliteSite };

for (const [name, makeSite] of Object.entries(sites)) {
  const test = suite(`conformance of ${name}`);
  const site = await makeSite();
  const store = site.create(systemClock);
  await site.remove();
  for (const storeCase of storeCases) {
    test.unless(reasonToSkip(storeCase, store), storeCase.name, () => runStoreCase(storeCase, makeSite));
  }
  test.run();
}
