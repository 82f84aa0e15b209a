import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What became of one line, and the record with its aligned annotations when it was accepted. */
export interface ReferenceLine {
  readonly file: string;
  readonly line: number;
  readonly status: 'accepted' | 'refused' | 'blank';
  readonly code: string;
  readonly items: number;
  readonly alignment: string;
  readonly sha1: string;
  readonly record?: unknown;
}

type Json = { [key: string]: unknown };
interface Span {
  begin: number;
  end: number;
}

/**
 * The rules of `millrace annotations` once more, as plainly as they can be written: whole files, arrays of code points, no sharing of
 * code with the sources.
 */
export function referenceLines(files: readonly string[], documents: string): ReferenceLine[] {
  const texts = new Map<string, string>();
  for (const line of readFileSync(documents, 'utf8').split('\n')) {
    if (line.trim() === '') continue;
    const { sourcedb, sourceid, text } = JSON.parse(line) as { sourcedb: string; sourceid: string; text: string };
    texts.set(`${sourcedb}\t${sourceid}`, text);
  }
  return files.flatMap((file) => {
    const lines = splitLines(readFileSync(file));
    return lines.map((bytes, place) => ({ file: basename(file), line: place + 1, ...judge(bytes, texts) }));
  });
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== 10) continue;
    if (at < bytes.length || at > from) lines.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return lines;
}

type Judged = Omit<ReferenceLine, 'file' | 'line'>;

function refused(code: string, items = 0): Judged {
  return { status: 'refused', code, items, alignment: '', sha1: '' };
}

function judge(bytes: Buffer, texts: ReadonlyMap<string, string>): Judged {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refused('invalid_utf8');
  }
  if (text.startsWith('\ufeff')) text = text.slice(1);
  if (text.endsWith('\r')) text = text.slice(0, -1);
  if (text.trim() === '') return { status: 'blank', code: '', items: 0, alignment: '', sha1: '' };
  if (deepest(text) > 100) return refused('nesting_too_deep');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('invalid_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('not_an_object');
  return judgeRecord(value as Json, texts);
}

function deepest(text: string): number {
  // Strings are blanked out first; an open one runs to the end of the line.
  const bare = text.replace(/"(?:[^"\\]|\\.)*(?:"|$)/gs, '""');
  let [depth, most] = [0, 0];
  for (const sign of bare) {
    if (sign === '[' || sign === '{') depth++;
    if (sign === ']' || sign === '}') depth--;
    most = Math.max(most, depth);
  }
  return most;
}

function present(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return false;
  if (typeof value === 'string') return /\S/.test(value);
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

const kinds = [
  ['denotations', 'invalid_denotation', 'T'],
  ['blocks', 'invalid_block', 'B'],
  ['relations', 'invalid_relation', 'R'],
  ['attributes', 'invalid_attribute', 'A'],
] as const;

function judgeRecord(record: Json, texts: ReadonlyMap<string, string>): Judged {
  if (!present(record.sourcedb) || !present(record.sourceid)) return refused('missing_source');
  if (typeof record.text !== 'string' || !present(record.text)) return refused('missing_text');
  const points = [...record.text];
  const lists: { [kind: string]: Json[] } = {};
  const used = new Set(kinds.flatMap(([kind]) => (Array.isArray(record[kind]) ? record[kind] : []).map((one: Json) => one?.id)));
  for (const [kind, code, letter] of kinds) {
    const list = present(record[kind]) ? record[kind] : [];
    if (!Array.isArray(list)) return refused(code);
    const copies: Json[] = [];
    for (const one of list as Json[]) {
      const copy = typeof one === 'object' && one !== null ? checked(kind, { ...one }, points.length, lists) : undefined;
      if (!copy) return refused(code);
      copies.push(copy);
    }
    for (const one of copies) {
      for (let number = 1; one.id === undefined; number++) {
        if (used.has(`${letter}${number}`)) continue;
        one.id = `${letter}${number}`;
        used.add(one.id);
      }
    }
    lists[kind] = copies;
  }
  const ids = Object.values(lists).flatMap((list) => list.map(({ id }) => id));
  if (new Set(ids).size !== ids.length) return refused('duplicate_id');
  return align(record, points, lists, texts);
}

function checked(kind: string, one: Json, length: number, lists: { [kind: string]: Json[] }): Json | undefined {
  const has = (list: string, id: unknown): boolean => (lists[list] ?? []).some((other) => other.id === id);
  if (kind === 'relations') {
    const joins = ['denotations', 'blocks'].some((list) => has(list, one.subj) && has(list, one.obj));
    return present(one.pred) && joins ? one : undefined;
  }
  if (kind === 'attributes') {
    if (!present(one.obj)) one.obj = true;
    const isKnown = ['denotations', 'blocks', 'relations'].some((list) => has(list, one.subj));
    return present(one.pred) && isKnown ? one : undefined;
  }
  if (one.span === undefined || one.span === null) one.span = { begin: one.begin, end: one.end };
  delete one.begin;
  delete one.end;
  const spans = (Array.isArray(one.span) ? one.span : [one.span]) as Span[];
  const isGood = (span: Span | null): boolean =>
    Number.isInteger(span?.begin) && Number.isInteger(span?.end) && isInside(span as Span, length);
  return present(one.obj) && spans.length > 0 && spans.every(isGood) ? one : undefined;
}

function isInside({ begin, end }: Span, length: number): boolean {
  return begin >= 0 && begin < end && end <= length;
}

const properNames: { [name: string]: string } = { pubmed: 'PubMed', pmc: 'PMC', firstauthors: 'FirstAuthors' };

function align(record: Json, points: string[], lists: { [kind: string]: Json[] }, texts: ReadonlyMap<string, string>): Judged {
  const items = Object.values(lists).reduce((sum, list) => sum + list.length, 0);
  const sourcedb = properNames[String(record.sourcedb).toLowerCase()] ?? String(record.sourcedb);
  const sourceid = String(record.sourceid);
  const whole = texts.get(`${sourcedb}\t${sourceid}`);
  if (whole === undefined) return refused('document_missing', items);
  const found = findMapping(points.join(''), whole);
  if (typeof found === 'string') return refused(found, items);
  let isLost = false;
  for (const one of [...(lists.denotations ?? []), ...(lists.blocks ?? [])]) {
    const moved = (Array.isArray(one.span) ? one.span : [one.span]).map(({ begin, end }: Span) => {
      const kept = found.map.slice(begin, end).filter((place) => place >= 0);
      if (kept.length === 0) isLost = true;
      return { begin: kept[0] ?? 0, end: (kept.at(-1) ?? 0) + 1 };
    });
    one.span = Array.isArray(one.span) ? moved : moved[0];
  }
  if (isLost) return refused('lost_span', items);
  const json = sortedJson(lists);
  const origin = Object.fromEntries(['divid', 'project'].filter((key) => key in record).map((key) => [key, record[key]]));
  const sha1 = createHash('sha1').update(json).digest('hex');
  return {
    status: 'accepted',
    code: '',
    items,
    alignment: found.alignment,
    sha1,
    record: { ...origin, sourcedb, sourceid, ...lists },
  };
}

/** For each code point of the text, its place in the whole; -1 for white space that has none. */
function findMapping(
  text: string,
  whole: string,
): { alignment: string; map: number[] } | 'alignment_failed' | 'alignment_ambiguous' {
  const points = [...text];
  if (text === whole) return { alignment: 'identical', map: points.map((_, place) => place) };
  const times = (part: string, all: string): number => {
    let count = 0;
    for (let at = all.indexOf(part); at >= 0; at = all.indexOf(part, at + 1)) count++;
    return count;
  };
  if (times(text, whole) === 1) {
    const before = [...whole.slice(0, whole.indexOf(text))].length;
    return { alignment: 'shifted', map: points.map((_, place) => before + place) };
  }
  const bare = (all: string): string => all.split(/\s+/).join('');
  const count = times(bare(text), bare(whole));
  if (count !== 1) return count === 0 ? 'alignment_failed' : 'alignment_ambiguous';
  const before = [...bare(whole).slice(0, bare(whole).indexOf(bare(text)))].length;
  const places = [...whole].flatMap((point, place) => (/\s/.test(point) ? [] : [place]));
  let next = before;
  return { alignment: 'white_space', map: points.map((point) => (/\s/.test(point) ? -1 : (places[next++] as number))) };
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner as Json).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
