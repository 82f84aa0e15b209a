import { fileURLToPath } from 'node:url';

/** Where a child begins: `.ts` while running from sources, `.js` once built. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const entry = fileURLToPath(new URL(`../../worker/process-entry${extension}`, import.meta.url));

/** Options of Node that are for one process: a debugger's port, code or tests to run, a title. */
const ownOptions =
  /^--?(inspect|debug|eval|e$|print|p$|pe$|interactive|i$|check|c$|input-type|test|watch|run$|title|cpu-prof|heap-prof|prof|diagnostic-dir|build-)/;
/** Those of them whose value may stand apart. */
const withValue = /^--?(eval|e|print|p|pe|input-type|title|watch-path|test-[\w-]+|run|inspect-port)$/;

/** The command line of a child: the host's own options, so that its loaders and conditions hold there, too. */
export function childArguments(hostOptions: readonly string[], memoryMb: number | undefined, folder: string): string[] {
  return [...keptOptions(hostOptions), ...loader(hostOptions), ...heap(memoryMb), entry, folder];
}

function keptOptions(options: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < options.length; index++) {
    const option = options[index] as string;
    if (!ownOptions.test(option)) kept.push(option);
    else if (withValue.test(option)) index++;
  }
  return kept;
}

/** From sources, under a host whose loader came by other ways than its command line. */
function loader(options: readonly string[]): string[] {
  return extension === '.ts' && !options.some((option) => option.includes('tsx')) ? ['--import', import.meta.resolve('tsx')] : [];
}

function heap(memoryMb: number | undefined): string[] {
  return memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`];
}

/** What decides how texts and local times come out: it must be the same in all processes. */
const formats = ['TZ', 'LANG', 'LC_ALL', 'LC_MESSAGES', 'NODE_ICU_DATA'];

/** The named variables, and what the host's Node itself was started with. */
export function childEnvironment(names: readonly string[], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const chosen = [...formats, ...names].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  const options = env.NODE_OPTIONS?.replaceAll(/--inspect\S*/g, '').trim();
  return { ...Object.fromEntries(chosen), ...(options && { NODE_OPTIONS: options }) };
}
