// Writes what each public entry offers to docs/api, as text: a change of the API shows in review.
// Reads dist. With --check it writes nothing, and fails when a report has drifted.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'docs/api');
const packageJsonFullPath = join(root, 'package.json');
const checkOnly = process.argv.includes('--check');

/** The declaration file of every public entry, as package.json names them. */
function entryFiles() {
  const { exports } = JSON.parse(readFileSync(packageJsonFullPath, 'utf8'));
  return Object.values(exports).flatMap((target) => (target.types ? [join(root, target.types)] : []));
}

/** API Extractor's settings for one entry: the report, nothing else. It brings its own TypeScript. */
function extractorConfig(entry, folder, name) {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            target: 'es2023',
            lib: ['es2023'],
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: folder,
        reportTempFolder: folder,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        // The compiler has judged these files already; the tests demand doc comments. Only real errors are left to say.
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath,
  });
}

function writeReport(entry, folder) {
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run \`npm run build\`, or correct "exports" in package.json.`);
  const name = `${basename(entry, '.d.ts')}.api.md`;
  const { succeeded } = Extractor.invoke(extractorConfig(entry, folder, name), {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = message.logLevel !== 'error';
    },
  });
  if (!succeeded) throw new Error(`API Extractor could not read ${entry}.`);
  return name;
}

const fresh = mkdtempSync(join(tmpdir(), 'millrace-api-'));
try {
  const names = entryFiles().map((entry) => writeReport(entry, fresh));
  const drifted = names.filter((name) => {
    const recorded = join(reports, name);
    return !existsSync(recorded) || readFileSync(recorded, 'utf8') !== readFileSync(join(fresh, name), 'utf8');
  });
  if (checkOnly && drifted.length > 0) {
    console.error(
      `The public API is not what docs/api says: ${drifted.join(', ')}. If that is meant, run \`npm run api\` and commit.`,
    );
    process.exitCode = 1;
  } else if (!checkOnly) {
    mkdirSync(reports, { recursive: true });
    for (const name of drifted) copyFileSync(join(fresh, name), join(reports, name));
  }
  if (process.exitCode !== 1) console.log(`API reports: ${names.length} entries, ${drifted.length} written.`);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
