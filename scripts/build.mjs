// Builds dist: an empty folder first, so that a file whose source is gone is never packed.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
const { status, error } = spawnSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;

const command = `${root}dist/cli/main.js`;
if (existsSync(command)) chmodSync(command, 0o755);
