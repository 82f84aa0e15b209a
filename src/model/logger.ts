/** Five methods that pino, and most loggers, already have. Facts first, then the message: `info({ session }, 'session started')`. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  /** A logger that adds these facts to every line. */
  child(facts: object): Logger;
}

/** Says nothing. The default: a library is silent unless told otherwise. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
