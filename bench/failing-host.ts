import { createEngine, sqlite } from '../src/index.ts';
import { failing } from './failing-job.ts';

/** A host that is to be killed: `failing-host STORE NOTE` runs a session that never ends. */
const [store = '', noteIn = ''] = process.argv.slice(2);
const engine = await createEngine({ jobs: [failing], store: sqlite(store), executor: 'threads', workers: 1 });
await engine.run(failing, { failure: 'wait', noteIn }, { executor: 'threads' });
