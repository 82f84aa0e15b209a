import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '../model/errors.ts';
import type { AnyJob, Job } from '../model/job.ts';
import { UsageError } from './arguments/usage-error.ts';
import { lookAt } from './look-at.ts';

/**
 * Loads a job from a user's module: its default export, the only job that it exports, or the one that `name` says.
 *
 * @throws UsageError when there is no such module or job; MillraceError `WORK_MODULE` with the cause when it can't be loaded.
 */
export async function loadJob(file: string, name: string | undefined): Promise<Job<unknown, unknown, unknown>> {
  const path = resolve(file);
  if (!lookAt(path)?.isFile()) throw new UsageError(`There is no job module ${file}: no file ${path}.`);
  if (/\.[cm]?tsx?$/.test(path)) await readTypeScript(file);
  const module = await importModule(file, pathToFileURL(path).href);
  const jobs = new Map(Object.entries(module).filter((entry): entry is [string, AnyJob] => isJob(entry[1])));
  // A command line is not typed: the input is what the user wrote, and the job's own code is the one to judge it.
  return pick(file, jobs, name) as unknown as Job<unknown, unknown, unknown>;
}

function pick(file: string, jobs: ReadonlyMap<string, AnyJob>, name: string | undefined): AnyJob {
  const names = [...jobs.keys()];
  const found = jobs.get(name ?? (jobs.has('default') ? 'default' : jobs.size === 1 ? (names[0] ?? '') : ''));
  if (found) return found;
  if (names.length === 0) throw new UsageError(`${file} exports no job. Export what defineJob(...) returns.`);
  throw new UsageError(
    name === undefined
      ? `${file} exports several jobs: choose one with --export ${names.join('|')}.`
      : `${file} has no job called ${name}; it exports ${names.join(', ')}.`,
  );
}

async function importModule(file: string, url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(url);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const advice = /"cjs" output format|require is not defined|outside a module/.test(why) ? howToBeModule : '';
    throw new MillraceError('WORK_MODULE', `The job module ${file} can't be loaded: ${why}${advice}`, { cause });
  }
}

const howToBeModule = '\nIt is read as CommonJS: put { "type": "module" } into the package.json beside it, or name it .mts.';

function isJob(value: unknown): value is AnyJob {
  if (typeof value !== 'object' || value === null) return false;
  const { name, definition } = value as { name?: unknown; definition?: unknown };
  return typeof name === 'string' && typeof definition === 'object' && definition !== null && 'work' in definition;
}

/** Before the first import of the module: Node remembers a failed one. */
async function readTypeScript(file: string): Promise<void> {
  const { typescript } = process.features as { readonly typescript?: unknown };
  // Brought here as `.ts`, this very module says that a loader is at work.
  if (typescript || import.meta.url.endsWith('.ts')) return;
  try {
    const tsx = await import('tsx/esm/api');
    tsx.register();
  } catch (cause) {
    const message = `${file} is TypeScript, which Node ${process.version} can't load by itself. Run: npm install tsx`;
    throw new MillraceError('WORK_MODULE', message, { cause });
  }
}
