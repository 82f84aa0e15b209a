import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { messageOf } from '../../model/error-info.ts';
import { MillraceError } from '../../model/errors.ts';
import type { WorkShape } from '../../model/executor.ts';
import { type AnyWorkDefinition, isWorkDefinition, type WorkSource } from '../../model/work.ts';

const loaded = new Map<string, Promise<AnyWorkDefinition>>();

/**
 * Gives the functions of a work; a module is imported once per thread.
 *
 * @throws MillraceError `WORK_MODULE` with the cause, when there is no such module, it throws, or it exports no work.
 */
export async function loadWork(source: WorkSource): Promise<AnyWorkDefinition> {
  if (source.type === 'in-place') return checked(source.work, 'the work in place');
  const { url } = source;
  const work = loaded.get(url) ?? importWork(url);
  loaded.set(url, work);
  try {
    return await work;
  } catch (thrown) {
    loaded.delete(url);
    throw thrown;
  }
}

/** What the host must know of a work. */
export function shapeOf(work: AnyWorkDefinition): WorkShape {
  return { kind: work.each ? 'each' : 'chunk', reads: typeof work.read === 'function' };
}

async function importWork(url: string): Promise<AnyWorkDefinition> {
  if (!url.startsWith('file:')) {
    throw new MillraceError('WORK_MODULE', `A work module must be a file: URL; ${JSON.stringify(url)} is not loaded.`);
  }
  const file = builtFile(url);
  if (isTypeScript(file) && !readsTypeScript()) await registerTsx(file);
  return checked(unwrap(await importModule(file)), file);
}

async function importModule(url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (cause) {
    throw new MillraceError('WORK_MODULE', `The work module ${url} can't be loaded: ${messageOf(cause)}`, { cause });
  }
}

/** A build leaves `.js` where the source named `.ts`. */
function builtFile(url: string): string {
  if (!isTypeScript(url) || existsSync(new URL(url))) return url;
  const built = url.replace(/\.([cm]?)ts$/, '.$1js');
  return existsSync(new URL(built)) ? built : url;
}

function isTypeScript(url: string): boolean {
  return /\.[cm]?ts$/.test(url);
}

/** Whether this thread can import TypeScript: Node strips types by itself, or a loader brought us here as `.ts`. */
function readsTypeScript(): boolean {
  const features = process.features as { readonly typescript?: unknown };
  // A worker says nothing about its own loader: on Node 20 our entry is read by require, and `import` still knows no `.ts`.
  return Boolean(features.typescript) || (isMainThread && import.meta.url.endsWith('.ts'));
}

let registered = false;

/** Must come before the first import of the module: Node remembers a failed one. */
async function registerTsx(url: string): Promise<void> {
  if (registered) return;
  try {
    const tsx = await import('tsx/esm/api');
    tsx.register();
    registered = true;
  } catch (cause) {
    throw new MillraceError(
      'WORK_MODULE',
      `${url} is TypeScript, which Node ${process.version} can't load. Run: npm install tsx`,
      {
        cause,
      },
    );
  }
}

/** The default export; that of a CommonJS module lies one level deeper. */
function unwrap(module: unknown): unknown {
  const outer = (module as { default?: unknown }).default;
  const inner = (outer as { default?: unknown } | null | undefined)?.default;
  const work = inner ?? outer;
  return (work as { source?: { work?: unknown } } | null | undefined)?.source?.work;
}

function checked(work: unknown, where: string): AnyWorkDefinition {
  if (isWorkDefinition(work)) return work;
  throw new MillraceError(
    'WORK_MODULE',
    `${where} has no work as its default export. Write: export default defineWork({ each: ... })`,
  );
}
