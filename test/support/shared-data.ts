import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of real inputs beside the checkout. It is for this project's own tests; a clone elsewhere does without. */
const dataFolder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** A path below the folder of real inputs. */
export function sharedData(path: string): string {
  return `${dataFolder}${path}`;
}

/** Why tests on real inputs can't run here; undefined when they can. For `test.unless`. */
export function missingData(path: string): string | undefined {
  return existsSync(sharedData(path)) ? undefined : `real inputs are not present: ${path}`;
}
