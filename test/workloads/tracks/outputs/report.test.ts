import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Script } from 'node:vm';
import * as assert from 'uvu/assert';
import type { OutputSources } from '../../../../src/workloads/tracks/outputs/shapes.ts';
import { writeOutputs } from '../../../../src/workloads/tracks/outputs/write-outputs.ts';
import { suite } from '../../../support/suite.ts';
import { batches, crossing, inFolder, pieces, sources, straight, summary, track } from './sample-tracks.ts';

const test = suite('report.html');

async function report(given: OutputSources): Promise<string> {
  return inFolder(async (folder) => {
    await writeOutputs(folder, given, ['report']);
    return readFile(join(folder, 'report.html'), 'utf8');
  });
}

function between(text: string, begin: string, end: string): string {
  const from = text.indexOf(begin);
  assert.ok(from >= 0, begin);
  return text.slice(from + begin.length, text.indexOf(end, from + begin.length));
}

function contentOf(html: string): { tracks: unknown[][]; lanes: string[]; states: string[]; batches: unknown[][] } {
  return JSON.parse(between(html, '<script type="application/json" id="content">', '</script>'));
}

test('allows its own style and script by their hashes, and nothing else', async () => {
  const html = await report(sources({ a: straight }));
  const policy = between(html, '<meta http-equiv="Content-Security-Policy" content="', '"');
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  assert.equal(policy.split('; '), [
    "default-src 'none'",
    `style-src ${hash(between(html, '<style>', '</style>'))}`,
    `script-src ${hash(between(html, '<script>', '</script>'))}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});

test('asks for nothing from outside, and has no inline handlers or styles', async () => {
  const html = await report(sources({ a: straight, b: crossing }));
  for (const pattern of [/https?:/i, /\burl\(/i, /@import/i, /\ssrc=/i, /\shref=/i, /<link/i, /\son[a-z]+=/i, /\sstyle=/i]) {
    assert.not.match(html, pattern);
  }
  for (const pattern of [
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|fetch\(|XMLHttpRequest|WebSocket/,
  ]) {
    assert.not.match(html, pattern);
  }
});

test('its script is one that an engine can parse', async () => {
  const script = between(await report(sources({})), '<script>', '</script>');
  assert.ok(new Script(script));
});

test('shows hostile text as text', async () => {
  const hostile = '</script><img src=x onerror=alert(1)><!--\u2028"\'&';
  const html = await report({
    ...sources({ [hostile]: straight }),
    summary: { ...summary, inputs: [hostile], skipped: { [hostile]: 3 } },
    batches: [{ number: 0, lane: hostile, label: hostile, status: 'completed', startedAt: 0, endedAt: 1 }],
  });
  assert.not.match(html, '<img');
  assert.not.match(html, '<!--');
  assert.is(html.split('</script>').length, 3);
  const content = contentOf(html);
  assert.equal([content.tracks[0]?.[0], content.lanes[0], content.batches[0]?.[5]], [hostile, hostile, hostile]);
  assert.match(html, '&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;');
});

test('holds paths as differences, and batches by lane and time', async () => {
  const content = contentOf(await report(sources({ a: straight })));
  assert.equal(content.tracks, [
    ['a', 1_700_000_000.123, 3_600, 10_000, 3, 10, 18, 44.4, 2, 0, [850_000, 4_710_000, 10_000, 10_000, -10_000, 10_000]],
  ]);
  assert.equal(content.lanes, ['worker 1', 'worker 2']);
  assert.equal(content.states, ['completed', 'failed.dead']);
  assert.equal(content.batches, [
    [0, 0, 0, 40, 0, '2024-01-01'],
    [1, 1, 5, 100, 1, ''],
  ]);
});

test('shows the longest of many tracks, in time order, and says so', async () => {
  const tracks = Array.from({ length: 3_500 }, (_, i) => ({ ...track(`t${i}`, straight, i * 1_000), distanceUm: i * 1_000_000 }));
  const many = Array.from(
    { length: 5_000 },
    (_, i) => ({ number: i, lane: 'w', status: i === 9 ? 'failed.dead' : 'completed', startedAt: i, endedAt: i + 1 }) as const,
  );
  const html = await report({
    ...sources({}),
    tracks,
    async *paths() {
      for (const place of tracks.keys()) yield* pieces(place, straight);
    },
    batches: many,
  });
  const content = contentOf(html);
  assert.equal([content.tracks.length, content.tracks[0]?.[0], content.tracks.at(-1)?.[0]], [3_000, 't500', 't3499']);
  assert.equal(
    [content.batches.length, content.batches.filter((batch) => batch[4] === 1).map(([number]) => number)],
    [4_000, [9]],
  );
  assert.match(html, 'The 3000 longest of 3500 tracks are shown');
  assert.match(html, '4000 of 5000 batches');
  assert.ok(html.length < 1_000_000, String(html.length));
});

test('is whole without tracks and without batches', async () => {
  const html = await report({ ...sources({}), batches: [] });
  assert.equal(contentOf(html), { tracks: [], lanes: [], states: [], batches: [] });
  assert.match(html, 'nothing to show');
  assert.match(await report({ ...sources({}), batches }), '</html>');
});

test.run();
