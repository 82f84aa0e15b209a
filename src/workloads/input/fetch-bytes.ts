import { InvalidOptionError } from '../../model/errors.ts';

/** The largest that an answer may be. */
export const maxFetchBytes = 64 * 1024 * 1024;
/** The longest that it may take. */
const timeoutMs = 30_000;

/**
 * A URL of this machine: `http:` on loopback, by number, since a name could mean another machine.
 *
 * @throws InvalidOptionError for any other.
 */
export function loopbackUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHere = url?.protocol === 'http:' && /^(?:127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (isHere && url.username === '' && url.password === '') return url;
  throw new InvalidOptionError('source', text, 'a folder, or a URL of this machine such as http://127.0.0.1:8080/logs');
}

/**
 * Asks for a URL by GET, within 30 s and {@link maxFetchBytes}. Follows no redirect: it could lead elsewhere.
 *
 * @returns Undefined when there is no such thing: status 404 or 410.
 * @throws Error for any other status than 200, and whatever keeps the answer from being read.
 */
export async function fetchBytes(url: URL, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
  try {
    if (answer.status === 404 || answer.status === 410) return undefined;
    if (answer.status !== 200) throw new Error(`${url.href} answered with status ${answer.status}`);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of answer.body ?? []) {
      bytes += part.byteLength;
      if (bytes > maxFetchBytes) throw new Error(`${url.href} answered with more than ${maxFetchBytes} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } finally {
    // What nobody reads any more is not kept coming; it may have come, or be broken off, already.
    await answer.body?.cancel().catch(() => undefined);
  }
}
