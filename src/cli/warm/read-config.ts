import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkOptionNames } from '../../model/check-option-names.ts';
import type { Duration } from '../../model/duration.ts';
import { InvalidOptionError } from '../../model/errors.ts';
import type { WarmSqlRequest } from '../../workloads/warm/sql/warm-sql.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** A config file of `millrace warm`, checked: paths in it are meant from its own folder. */
export interface WarmConfig extends Pick<WarmSqlRequest, 'prefix' | 'database' | 'groups' | 'emptyIsError' | 'ttl' | 'timeout'> {
  /** As it was written; absent: none. */
  readonly cache?: string;
  /** The most connections that workers may have open to the database together. */
  readonly connections?: number;
}

const known = {
  database: true,
  cachePrefix: true,
  emptyIsError: true,
  groups: true,
  cache: true,
  ttl: true,
  timeout: true,
  connections: true,
} as const;

const knownInGroup = { name: true, keys: true, loaders: true } as const;

/**
 * Reads a config file.
 *
 * @throws UsageError when there is no such file or it is no JSON; InvalidOptionError naming the field.
 */
export function readConfig(file: string): WarmConfig {
  const given = parse(file);
  checkOptionNames(given, file, known);
  const { groups } = given;
  const textOf = (field: string): string => checkText(given[field], `${file}: ${field}`);
  const optional = (field: string): string | undefined => (given[field] === undefined ? undefined : textOf(field));
  if (!Array.isArray(groups) || groups.length === 0)
    throw new InvalidOptionError(`${file}: groups`, groups, 'a list of at least one');
  const [emptyIsError, cache, ttl, timeout] = ['emptyIsError', 'cache', 'ttl', 'timeout'].map(optional);
  return {
    ...(emptyIsError !== undefined && { emptyIsError }),
    ...(cache !== undefined && { cache }),
    // Whether they are lengths of time is judged where all callers come by.
    ...(ttl !== undefined && { ttl: ttl as Duration }),
    ...(timeout !== undefined && { timeout: timeout as Duration }),
    ...(given.connections !== undefined && { connections: checkConnections(given.connections, file) }),
    prefix: textOf('cachePrefix'),
    database: resolve(dirname(file), textOf('database')),
    groups: groups.map((group, place) => checkGroup(group, `${file}: groups[${place}]`)),
  };
}

function parse(file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The config ${file} can't be read: ${(error as Error).message}`);
  }
  try {
    // Checked field by field by the caller.
    return JSON.parse(text.replace(/^\ufeff/, '')) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new UsageError(`The config ${file} is no JSON: ${(error as Error).message}`);
  }
}

function checkGroup(given: unknown, where: string): WarmConfig['groups'][number] {
  checkOptionNames(given, where, knownInGroup);
  const { name, keys, loaders } = given as Readonly<Record<string, unknown>>;
  if (typeof loaders !== 'object' || loaders === null || Array.isArray(loaders) || Object.keys(loaders).length === 0) {
    throw new InvalidOptionError(`${where}.loaders`, loaders, 'an object with a query for each name');
  }
  const queries = Object.entries(loaders).map(([loader, sql]) => [loader, checkLoader(sql, `${where}.loaders.${loader}`)]);
  return { name: checkText(name, `${where}.name`), keys: checkText(keys, `${where}.keys`), loaders: Object.fromEntries(queries) };
}

function checkLoader(given: unknown, where: string): string {
  const sql = checkText(given, where);
  if (!/:key\b/.test(sql)) throw new InvalidOptionError(where, sql, 'a query that uses :key');
  return sql;
}

function checkText(given: unknown, where: string): string {
  if (typeof given === 'string' && given !== '') return given;
  throw new InvalidOptionError(where, given, 'a text');
}

function checkConnections(given: unknown, file: string): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1) return given;
  throw new InvalidOptionError(`${file}: connections`, given, 'a whole number from 1');
}
