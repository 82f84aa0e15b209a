import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inFreshProcess } from './fresh-process.ts';
import { goal } from './goal.ts';
import { compare } from './measure.ts';
import { numberOption } from './options.ts';

/** How long do tracks of several GPX files take end to end, from the files to both outputs on disk? */
export async function run(): Promise<void> {
  const points = numberOption('points', 2_000_000);
  const count = numberOption('files', 8);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const files = writeFiles(folder, count, Math.ceil(points / count));
  const outOf = (type: string): string => join(folder, type);
  const variant = (type: string) => () => inFreshProcess('tracks-variant', [type, files.join(), outOf(type)]);
  try {
    const { inline, threads } = await compare(
      `tracks.json and tracks.geojson of ${points.toLocaleString('en')} points in ${count} GPX files, each in a process of its own (memory store)`,
      { inline: variant('inline'), threads: variant('threads') },
      { rounds: numberOption('rounds', 5) },
    );
    goal('2 threads over inline', inline.wallMs / threads.wallMs, { atLeast: 1.5 });
    for (const name of ['tracks.json', 'tracks.geojson']) {
      const hashes = ['inline', 'threads'].map((type) => hashOf(join(outOf(type), name)));
      if (hashes[0] !== hashes[1]) throw new Error(`${name} is not the same for inline and threads`);
    }
    console.log('reached  both files have the same bytes in both');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A walk a file, a point a second, one file after another in time. */
function writeFiles(folder: string, count: number, points: number): readonly string[] {
  return Array.from({ length: count }, (_, file) => {
    const rows = Array.from({ length: points }, (_, n) => {
      const [lat, lon] = [47 + Math.sin(n / 900) / 50 + file / 100, 8 + Math.cos(n / 1_300) / 50];
      const time = new Date(Date.UTC(2024, 0, 1 + file * 2) + n * 1_000).toISOString();
      return `<trkpt lat="${lat.toFixed(7)}" lon="${lon.toFixed(7)}"><ele>${400 + (n % 90)}</ele><time>${time}</time></trkpt>`;
    });
    const path = join(folder, `${file}.gpx`);
    writeFileSync(path, `<?xml version="1.0"?>\n<gpx version="1.1"><trk><trkseg>\n${rows.join('\n')}\n</trkseg></trk></gpx>\n`);
    return path;
  });
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
