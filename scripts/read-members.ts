/** One property of an interface, as its source says it. */
export interface Member {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
  /** The doc comment without its tags, on one line. */
  readonly text: string;
  /** What stands behind `@default`. */
  readonly defaultValue: string | undefined;
  /** The members of a type written in place. */
  readonly members: readonly Member[];
}

/**
 * Reads the members of an interface out of TypeScript source: doc comment, name, type.
 *
 * It knows what our option types use, comments, strings and nested brackets, and no more of the language:
 * TypeScript 7 has no API to ask.
 *
 * @throws Error when the source has no such interface.
 */
export function readMembers(source: string, interfaceName: string): readonly Member[] {
  const header = new RegExp(`\\binterface ${interfaceName}\\b[^{]*\\{`).exec(source);
  if (!header) throw new Error(`There is no interface ${interfaceName} in the source.`);
  const start = header.index + header[0].length;
  return membersOf(source.slice(start, endOfPart(source, start, '}')));
}

function membersOf(body: string): readonly Member[] {
  const members: Member[] = [];
  let at = 0;
  while (at < body.length) {
    const end = endOfPart(body, at, ';');
    const member = memberOf(body.slice(at, end));
    if (member) members.push(member);
    at = end + 1;
  }
  return members;
}

function memberOf(part: string): Member | undefined {
  const match = /^\s*(?:\/\*\*([\s\S]*?)\*\/)?\s*(?:readonly\s+)?(\w+)(\?)?\s*(:[\s\S]*|\([\s\S]*)$/.exec(part);
  if (!match) return undefined;
  const [, comment = '', name = '', mark, rest = ''] = match;
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*?\s?/, '').trim());
  const [text = '', defaultValue] = lines
    .join(' ')
    .trim()
    .split(/\s*@default\s+/);
  const type = (rest.startsWith(':') ? rest.slice(1) : rest).trim();
  const inPlace = type.startsWith('{') && type.endsWith('}') ? membersOf(type.slice(1, -1)) : [];
  return { name, optional: mark === '?', type: type.replace(/\s+/g, ' '), text, defaultValue, members: inPlace };
}

const closing: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

/** Where the part that begins at `from` ends: the next `stop` outside of brackets, strings and comments; else the end. */
function endOfPart(source: string, from: number, stop: string): number {
  const open: string[] = [];
  for (let at = from; at < source.length; at++) {
    const char = source[at] as string;
    if (char === stop && open.length === 0) return at;
    const skipped = endOfQuiet(source, at);
    if (skipped > at) at = skipped;
    else if (char in closing) open.push(closing[char] as string);
    else if (char === open.at(-1)) open.pop();
  }
  return source.length;
}

/** The last character of the comment or string that begins here; `at` itself when none does. */
function endOfQuiet(source: string, at: number): number {
  const ends: readonly (readonly [begin: string, end: string])[] = [
    ['/*', '*/'],
    ['//', '\n'],
    ["'", "'"],
    ['`', '`'],
  ];
  for (const [begin, end] of ends) {
    if (!source.startsWith(begin, at)) continue;
    const found = source.indexOf(end, at + begin.length);
    return found < 0 ? source.length : found + end.length - 1;
  }
  return at;
}
