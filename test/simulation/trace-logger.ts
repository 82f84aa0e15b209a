import type { Logger } from '../../src/model/logger.ts';
import type { World } from './world.ts';

/** The engine's own log lines, in the trace of the world. */
export function traceLogger(world: World, name: string): Logger {
  const line = (facts: object, message: string): void => world.say(name, () => `logs "${message}" ${JSON.stringify(facts)}`);
  const logger: Logger = { debug: line, info: line, warn: line, error: line, child: () => logger };
  return logger;
}
