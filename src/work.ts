/**
 * What a work module needs, and nothing more: this entry is loaded in every worker, so it pulls in neither the engine nor its libraries.
 *
 * @packageDocumentation
 */
export type { Duration } from './model/duration.ts';
export { PermanentError, RetryError } from './model/errors.ts';
export type { Chunk, ChunkContext, SetupContext, WorkContext } from './model/work.ts';
export { defineWork } from './model/work.ts';
