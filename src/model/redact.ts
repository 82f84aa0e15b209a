import type { Logger } from './logger.ts';

/** What stands where a secret was. */
const mask = '***';

/** Names whose text is a secret: of facts in a log line, of an error's own properties, of `name=value` in a text. */
const secretName =
  /(?:^|[._-])(?:password|passwd|passphrase|pwd|secret|token|credentials?|authorization|cookie|(?:api|private|access|secret)[._-]?key)$/;

/** `scheme://user:password@`: the password may hold anything but a blank, a quote or a slash. */
const urlPassword = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@'"]{0,200}:)[^\s/'"]{1,500}@/gi;

/** `Bearer ...` and `Basic ...`, as in an Authorization header: with a digit, or too long for a word. */
const bearer = /\b(Bearer|Basic)(\s{1,3})(?=[A-Za-z._~+/=-]{0,200}\d|[A-Za-z._~+/=-]{24})[A-Za-z0-9._~+/=-]{8,4000}/gi;

/** `Authorization: Basic ...`, whatever the scheme. */
const authorization = /(\bauthorization["']?\s{0,3}[=:]\s{0,3}["']?(?:[A-Za-z]{1,20}\s{1,3})?)[^\s"',;]{1,4000}/gi;

/** `password=...`, `"apiKey": "..."`, `token: ...`: a name, then its value to the next blank, quote or separator. */
const assigned = /([A-Za-z][\w.-]{0,60})(["']?\s{0,3}[=:]\s{0,3})("[^"]{0,1000}"|'[^']{0,1000}'|[^\s"',;&)}\]]{1,1000})/g;

/** Cheap: most texts hold none of these, and stay as they are. */
const mayHold = /:\/\/|bearer|basic|pass|pwd|secret|token|credential|authorization|cookie|key/i;

/**
 * Masks what looks like a secret: passwords in URLs, `Bearer` and `Basic` credentials, and values behind names such as `password`,
 * `token`, `secret`, `apiKey`. Applied to every recorded error, log line and shown text. A net, not a promise: a secret that looks
 * like nothing of that kind passes, so keep secrets out of inputs, settings and messages.
 */
export function redact(text: string): string {
  if (!mayHold.test(text)) return text;
  const known = text.replace(urlPassword, `$1${mask}@`).replace(authorization, `$1${mask}`).replace(bearer, `$1$2${mask}`);
  return maskAssigned(known);
}

/** A value may be an assignment itself: `error: password=...`. */
function maskAssigned(text: string): string {
  return text.replace(assigned, (_, name: string, between: string, value: string) =>
    isSecretName(name) && !isScheme(value) ? name + between + quoted(value) : name + between + maskAssigned(value),
  );
}

/** Whether what has this name is a secret: `dbPassword`, `api_key`, `Authorization`. */
export function isSecretName(name: string): boolean {
  return name.length <= 200 && secretName.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase());
}

/** `Authorization: Bearer ***` has been masked already. */
function isScheme(value: string): boolean {
  return /^(?:bearer|basic)$/i.test(value);
}

function quoted(value: string): string {
  const quote = value[0];
  return quote === '"' || quote === "'" ? `${quote}${mask}${quote}` : mask;
}

/** How deep the facts of a log line, or what a command shows, are looked into. */
const maxDepth = 6;

/** The same value with secrets masked, in its texts and under names of secrets. What holds none is given back as it is. */
export function redactValue<T>(value: T): T {
  return walk(value, 0) as T;
}

function walk(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null || depth >= maxDepth) return value;
  if (Array.isArray(value)) return value.map((one) => walk(one, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const members = Object.entries(value).map(([name, one]) => [
    name,
    typeof one === 'string' && isSecretName(name) ? mask : walk(one, depth + 1),
  ]);
  return Object.fromEntries(members);
}

/** The same logger with secrets masked in messages and facts. */
export function redactingLogger(logger: Logger): Logger {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (facts: object, message: string): void =>
      logger[level](redactValue(facts), redact(String(message)));
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (facts) => redactingLogger(logger.child(redactValue(facts))),
  };
}
