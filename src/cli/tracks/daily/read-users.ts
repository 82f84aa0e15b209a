import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkOptionNames } from '../../../model/check-option-names.ts';
import { InvalidOptionError } from '../../../model/errors.ts';
import { planOptions, type TracksOptions } from '../../../workloads/tracks/options.ts';
import { UsageError } from '../../arguments/usage-error.ts';
import { lookAt } from '../../look-at.ts';

const statuses = ['active', 'trial', 'inactive'] as const;

/** Somebody whose history is kept up to date, unless inactive. */
export interface DailyUser {
  /** Names the folder of the outputs, too. */
  readonly name: string;
  readonly status: (typeof statuses)[number];
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly settings: TracksOptions;
}

/** What a config or a folder of users says. */
export interface DailyConfig {
  readonly users: readonly DailyUser[];
  readonly cron?: string;
  readonly zone?: string;
}

const configNames = { users: true, cron: true, zone: true } as const satisfies Record<keyof DailyConfig, true>;
const userNames = { name: true, status: true, files: true, settings: true } as const satisfies Record<keyof DailyUser, true>;

const settingNames = {
  mode: true,
  gap: true,
  jump: true,
  rule: true,
  device: true,
  splitDay: true,
  minPoints: true,
  dedupe: true,
  maxSpeed: true,
  dwellTime: true,
  dwellRadius: true,
  simplify: true,
  chunk: true,
  formats: true,
  sortMemory: true,
} as const satisfies Record<keyof TracksOptions, true>;

/** Safe as the name of a folder on every system. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Reserved for a folder's own settings. */
const settingsFile = 'settings.json';

/**
 * Reads the users: of a config in JSON, whose paths count from its own folder; or of a folder with a folder for each user, who are all
 * active, with their files and perhaps a `settings.json`.
 *
 * @throws UsageError, InvalidOptionError naming what is wrong.
 */
export function readUsers(place: string): DailyConfig {
  const found = lookAt(place);
  if (!found) throw new UsageError(`There is no config of users ${resolve(place)}, nor a folder with a folder for each.`);
  const config = found.isDirectory() ? { users: usersIn(resolve(place)) } : readConfig(place);
  const names = new Set<string>();
  for (const { name } of config.users) {
    if (names.has(name)) throw new InvalidOptionError(`${place}: users`, name, 'a list in which each name stands once');
    names.add(name);
  }
  return config;
}

function readConfig(file: string): DailyConfig {
  const config = readJson(file);
  checkOptionNames(config, file, configNames);
  const { users, cron, zone } = config as Readonly<Record<keyof DailyConfig, unknown>>;
  if (!Array.isArray(users)) throw new InvalidOptionError(`${file}: users`, users, 'a list of users');
  return {
    users: users.map((user: unknown, place) => checkUser(user, `${file}: users[${place}]`, dirname(resolve(file)))),
    ...(cron !== undefined && { cron: checkText(cron, `${file}: cron`) }),
    ...(zone !== undefined && { zone: checkText(zone, `${file}: zone`) }),
  };
}

function checkUser(user: unknown, where: string, folder: string): DailyUser {
  checkOptionNames(user, where, userNames);
  const { name, status = 'active', files, settings = {} } = user as Readonly<Record<keyof DailyUser, unknown>>;
  if (!Array.isArray(files) || files.length === 0) throw new InvalidOptionError(`${where}.files`, files, 'a list of files');
  const known = statuses.find((word) => word === status);
  if (!known) throw new InvalidOptionError(`${where}.status`, status, `one of ${statuses.join(', ')}`);
  return {
    name: checkName(name, `${where}.name`),
    status: known,
    files: files.map((file: unknown, place) => resolve(folder, checkText(file, `${where}.files[${place}]`))),
    settings: checkSettings(settings, `${where}.settings`),
  };
}

/** A folder without files is somebody who has sent nothing yet. */
function usersIn(folder: string): readonly DailyUser[] {
  const users = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !isHidden(entry.name));
  return users.map(({ name }) => {
    const own = join(folder, name);
    const entries = readdirSync(own, { withFileTypes: true }).filter((entry) => entry.isFile() && !isHidden(entry.name));
    const names = entries.map((entry) => entry.name).sort();
    const settings = names.includes(settingsFile) ? readJson(join(own, settingsFile)) : {};
    return {
      name: checkName(name, own),
      status: 'active',
      files: names.filter((file) => file !== settingsFile).map((file) => join(own, file)),
      settings: checkSettings(settings, join(own, settingsFile)),
    };
  });
}

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} can't be read as JSON: ${(error as Error).message}`);
  }
}

function checkSettings(settings: unknown, where: string): TracksOptions {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new InvalidOptionError(where, settings, 'an object of options');
  }
  checkOptionNames(settings, where, settingNames);
  planOptions(settings);
  return settings;
}

function checkText(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidOptionError(where, value, 'a text that is not empty');
}

function checkName(name: unknown, where: string): string {
  if (typeof name === 'string' && namePattern.test(name)) return name;
  throw new InvalidOptionError(where, name, 'a letter or digit, then up to 63 letters, digits, dots, dashes or underscores');
}
