import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readdirSync, writeSync } from 'node:fs';
import { createGzip, gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { readObject } from '../../../src/workloads/annotations/format/read-line.ts';
import { linesIn } from '../../../src/workloads/lines/line-window.ts';
import { suite } from '../../support/suite.ts';
import { annotationsWorld, jsonLines } from './annotations-world.ts';

const test = suite('hostile annotations');
const record = { sourcedb: 'Demo', sourceid: '1', text: 'a text' };
const good = `${JSON.stringify(record)}\n`;

test('depth is counted before parsing, outside of strings, and only to the limit', () => {
  const kindOf = (line: string): string => {
    const content = readObject(Buffer.from(line), 100);
    return 'kind' in content ? content.kind : 'object';
  };
  const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  assert.is(kindOf(nested(100)), 'object');
  assert.is(kindOf(nested(101)), 'nesting_too_deep');
  assert.is(kindOf(nested(2_000_000)), 'nesting_too_deep');
  assert.is(kindOf('['.repeat(5_000_000)), 'nesting_too_deep');
  assert.is(kindOf(`{"a":"${'['.repeat(200)}"}`), 'object', 'brackets in a string');
  assert.is(kindOf(`{"a":"\\"${'{'.repeat(200)}"}`), 'object', 'a quote in a string does not end it');
  assert.is(kindOf('\ufeff{}\r'), 'object');
  assert.is(kindOf('\ufeff\u00a0\r'), 'blank');
  assert.is(kindOf('\ufeff\ufeff{}'), 'invalid_json', 'one byte order mark is dropped');
});

test('a key named __proto__ is ignored wherever it stands, and pollutes nothing', async () => {
  using world = annotationsWorld();
  const line = `{"__proto__":{"polluted":1},"sourcedb":"Demo","sourceid":"1","text":"a text","project":{"__proto__":{"polluted":1}},"denotations":[{"id":"T1","span":{"begin":0,"end":1},"obj":{"__proto__":{"polluted":1},"kind":1},"__proto__":{"polluted":1,"obj":2}}]}\n`;
  world.write('records.jsonl', line);
  world.write('docs.jsonl', good);
  await world.run({});
  assert.is(({} as { polluted?: number }).polluted, undefined);
  assert.equal(world.lines(), ['accepted  1 identical']);
  assert.not.match(world.read('out/annotations.jsonl'), /polluted|__proto__/);
});

test(
  'a line of any length is refused as too long without being held, and its neighbours are read',
  async () => {
    using world = annotationsWorld();
    const file = world.write('records.jsonl', good);
    // A line of 300 MB that takes no disk: its bytes are a hole in the file.
    const handle = openSync(file, 'r+');
    ftruncateSync(handle, 300_000_000);
    writeSync(handle, `\n${good}`, 300_000_000);
    closeSync(handle);
    world.write('docs.jsonl', good);
    const before = process.resourceUsage().maxRSS;
    await world.run({});
    assert.equal(world.lines(), ['accepted  0 identical', 'refused too_long 0', 'accepted  0 identical']);
    assert.ok(process.resourceUsage().maxRSS - before < 150_000, 'it is never in memory');
  },
  { timeoutMs: 60_000 },
);

test('lines are found whole wherever a range of bytes begins and ends', () => {
  using world = annotationsWorld();
  const text = 'ab\n\ncdefgh\r\ni\n\n\njk';
  const path = world.write('lines', text);
  const size = text.length;
  for (let step = 1; step <= size; step++) {
    const found: string[] = [];
    for (let begin = 0; begin < size; begin += step) {
      const range = { file: 0, begin, end: Math.min(size, begin + step), first: 0, last: size, whole: false };
      for (const { offset, length } of linesIn(path, range)) found.push(text.slice(offset, offset + length));
    }
    assert.equal(found, text.split('\n'), `${step} bytes`);
  }
});

test('an archive, as tar makes it, is read file by file, with long names and without what is no file of lines', async () => {
  using world = annotationsWorld();
  const long = `${'deep/'.repeat(40)}${'n'.repeat(120)}.jsonl`;
  for (const format of ['gnu', 'pax', 'ustar']) {
    const folder = `in-${format}`;
    world.write(`${folder}/one.json`, JSON.stringify(record, null, 2));
    world.write(`${folder}/many.jsonl`, `${good}\n${good}nonsense`);
    world.write(`${folder}/read.me`, 'not read');
    world.write(`${folder}/array.json`, '[]');
    if (format !== 'ustar') world.write(`${folder}/${long}`, good);
    const archive = world.path(`${format}.tgz`);
    execFileSync('tar', ['--format', format, '--sort=name', '-czf', archive, '-C', world.path(folder), '.']);
    world.write('docs.jsonl', good);
    const out = world.path(`out-${format}`);
    await world.run({ files: [archive], out });
    const rows = world.read(`out-${format}/lines.tsv`).trimEnd().split('\n').slice(1);
    const deep = format === 'ustar' ? [] : [`${format}.tgz/./${long} 1 accepted`];
    assert.equal(
      rows.map((row) => row.split('\t').slice(0, 4).join(' ').trim()),
      [
        `${format}.tgz/./array.json 1 refused not_an_object`,
        ...deep,
        `${format}.tgz/./many.jsonl 1 accepted`,
        `${format}.tgz/./many.jsonl 2 blank`,
        `${format}.tgz/./many.jsonl 3 accepted`,
        `${format}.tgz/./many.jsonl 4 refused invalid_json`,
        `${format}.tgz/./one.json 1 accepted`,
      ],
    );
    assert.equal(
      readdirSync(out).sort(),
      ['annotations.jsonl', 'batches.tsv', 'lines.tsv', 'summary.json'],
      'nothing is left beside',
    );
  }
});

test('archives that are none, damaged, empty or bombs are refused with the reason', async () => {
  using world = annotationsWorld();
  world.write('docs.jsonl', good);
  const refuses = async (bytes: Uint8Array, reason: RegExp): Promise<void> => {
    const files = [world.write('bad.tgz', bytes)];
    try {
      await world.run({ files });
    } catch (error) {
      assert.is((error as { code?: string }).code, 'NO_READABLE_INPUT');
      assert.match((error as Error).message, reason);
      assert.equal(readdirSync(world.path('out')), [], 'nothing is left');
      return;
    }
    assert.unreachable(`not refused: ${reason}`);
  };
  await refuses(gzipSync('no archive'), /ends too early/);
  await refuses(gzipSync(Buffer.alloc(2_000, 65)), /no tar archive/);
  await refuses(gzipSync(Buffer.alloc(1_024)), /holds no \.jsonl or \.json file/);
  world.write('in/one.jsonl', good.repeat(2_000));
  execFileSync('tar', ['-czf', world.path('cut.tgz'), '-C', world.path('in'), 'one.jsonl']);
  const whole = execFileSync('cat', [world.path('cut.tgz')]);
  await refuses(whole.subarray(0, whole.length - 30), /unexpected end of file/);
  await refuses(await bombOf(400), /more than 200 times its size/);
});

/** Megabytes of nothing, as a file of lines in an archive. */
async function bombOf(megabytes: number): Promise<Buffer> {
  const header = Buffer.alloc(512);
  header.write('bomb.jsonl', 0);
  header.write(`${(megabytes * 1_048_576).toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  header.write('        ', 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const gzip = createGzip();
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  gzip.write(header);
  for (let written = 0; written < megabytes; written++) gzip.write(Buffer.alloc(1_048_576, 32));
  gzip.end();
  await new Promise((resolve) => gzip.once('end', resolve));
  return Buffer.concat(parts);
}

test('files that are missing, folders or packed references are refused before anything runs', async () => {
  using world = annotationsWorld();
  const fails = async (request: object, reason: RegExp): Promise<void> => {
    try {
      await world.run(request);
    } catch (error) {
      assert.match(`${(error as { code?: string }).code}: ${(error as Error).message}`, reason);
      return;
    }
    assert.unreachable(String(reason));
  };
  world.write('docs.jsonl', good);
  world.write('packed.gz', gzipSync(good));
  await fails({}, /NO_READABLE_INPUT: .*records\.jsonl can't be read as annotations: ENOENT/);
  world.write('records.jsonl', jsonLines([record]));
  await fails({ references: world.path('none.jsonl') }, /NO_READABLE_INPUT: .*none\.jsonl/);
  await fails({ references: world.path('packed.gz') }, /NO_READABLE_INPUT: .*unpack it first/);
  await fails({ files: [world.path('.')] }, /NO_READABLE_INPUT: .*not a regular file/);
  await fails({ files: [] }, /INVALID_OPTION: files must be at least one file/);
  await fails({ options: { maxDepth: 501 } }, /INVALID_OPTION: maxDepth must be a whole number from 1 to 500/);
});

test.run();
