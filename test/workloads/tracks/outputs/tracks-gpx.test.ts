import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { writeOutputs } from '../../../../src/workloads/tracks/outputs/write-outputs.ts';
import { suite } from '../../../support/suite.ts';
import { crossing, inFolder, type Path, sources, straight } from './sample-tracks.ts';

const test = suite('tracks.gpx');

async function gpx(paths: Readonly<Record<string, Path>>): Promise<string> {
  return inFolder(async (folder) => {
    await writeOutputs(folder, sources(paths), ['gpx']);
    return readFile(join(folder, 'tracks.gpx'), 'utf8');
  });
}

/** Names of the elements in the order in which they open; fails when tags do not nest, or stray signs are left. */
function openedElements(xml: string): string[] {
  const open: string[] = [];
  const opened: string[] = [];
  const tag = /<(\/?)([a-z]+)((?: [a-z]+="[^"<&]*")*)>|<\?xml [^?]*\?>/g;
  const rest = xml.replace(tag, (_, slash: string | undefined, name: string | undefined) => {
    if (name === undefined) return '';
    if (slash === '/') assert.is(open.pop(), name);
    else {
      open.push(name);
      opened.push(name);
    }
    return '';
  });
  assert.equal(open, []);
  assert.not.match(rest.replace(/&(amp|lt|gt|quot|#39);/g, ''), /[<>&]/);
  return opened;
}

test('writes a track with one segment each, its points with height and time', async () => {
  assert.is(
    await gpx({ a: straight.slice(0, 2) }),
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<gpx version="1.1" creator="Millrace" xmlns="http://www.topografix.com/GPX/1/1">\n' +
      '<trk><name>a</name><trkseg>\n' +
      '<trkpt lat="47.1" lon="8.5"><ele>400.25</ele><time>2023-11-14T22:13:20.000Z</time></trkpt>\n' +
      '<trkpt lat="47.2" lon="8.6"><time>2023-11-14T22:13:21.000Z</time></trkpt>\n' +
      '</trkseg></trk>\n' +
      '</gpx>\n',
  );
});

test('is well formed, also with hostile names', async () => {
  const xml = await gpx({ '<a href="x">&amp;\u0000\ud800]]>': straight, b: crossing });
  const count = (name: string): number => openedElements(xml).filter((opened) => opened === name).length;
  assert.equal([count('trk'), count('trkseg'), count('trkpt'), count('time'), count('ele')], [2, 2, 6, 6, 4]);
  assert.match(xml, '<name>&lt;a href=&quot;x&quot;&gt;&amp;amp;\ufffd\ufffd]]&gt;</name>');
});

test('is well formed without tracks', async () => {
  assert.equal(openedElements(await gpx({})), ['gpx']);
});

test.run();
