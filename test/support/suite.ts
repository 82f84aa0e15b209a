import { suite as uvuSuite } from 'uvu';

/** How long one test may take, unless it says otherwise. uvu itself has no limit: a hanging test would hang for ever. */
const defaultTimeoutMs = 20_000;

type Body = () => unknown;

export interface Test {
  (name: string, body: Body, options?: { timeoutMs?: number }): void;
  /** Says aloud that a test is passed over, and why: when `reason` is a text. Runs it otherwise. */
  unless(reason: string | undefined, name: string, body: Body, options?: { timeoutMs?: number }): void;
  before(hook: Body): void;
  after(hook: Body): void;
  each: { before(hook: Body): void; after(hook: Body): void };
  run(): void;
}

/** A uvu suite whose tests end: each has a timeout, and what is skipped is printed with its reason. */
export function suite(name: string): Test {
  const tests = uvuSuite(name);
  const test = (title: string, body: Body, options: { timeoutMs?: number } = {}): void => {
    tests(title, () => within(options.timeoutMs ?? defaultTimeoutMs, `${name}: ${title}`, body));
  };
  const unless: Test['unless'] = (reason, title, body, options) => {
    if (reason === undefined) test(title, body, options);
    else process.stdout.write(`  SKIPPED ${name}: ${title} (${reason})\n`);
  };
  return Object.assign(test, {
    unless,
    before: (hook: Body) => tests.before(hook as () => void),
    after: (hook: Body) => tests.after(hook as () => void),
    each: {
      before: (hook: Body) => tests.before.each(hook as () => void),
      after: (hook: Body) => tests.after.each(hook as () => void),
    },
    run: () => tests.run(),
  });
}

async function within(ms: number, title: string, body: Body): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${title}" did not end within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([Promise.resolve().then(body), late]);
  } finally {
    clearTimeout(timer);
  }
}
