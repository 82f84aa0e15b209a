/** Names a session: a random UUID. A host never reuses one. */
export type SessionId = string & { readonly __brand: 'SessionId' };

/** Names one boot of one host. Random, so that a restarted host is never mistaken for the one that died. */
export type OwnerId = string & { readonly __brand: 'OwnerId' };

/** Names one claim of one batch. Made by the claimer, never reused: every later write of that claim must show it. */
export type Token = string & { readonly __brand: 'Token' };

/** A batch is named by its session and its chunk number: chunks are numbered from 0 in the order of the input. */
export interface BatchRef {
  readonly sessionId: SessionId;
  readonly number: number;
}

/** A moment: whole milliseconds since 1970, by the store's clock. */
export type Timestamp = number;

/**
 * The id of one enqueue of a batch. It keeps its value over all attempts.
 *
 * It needs no column of its own: the session's UUID with its last twelve hex digits replaced by the chunk number,
 * which is a UUID v4 again and as unique as the 74 random bits left of the session's.
 */
export function executionIdOf(sessionId: SessionId, number: number): string {
  return sessionId.slice(0, 24) + number.toString(16).padStart(12, '0');
}
