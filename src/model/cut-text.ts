/** The first `max` characters; never half of a surrogate pair, which UTF-8 could not keep. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = text.charCodeAt(max - 2);
  return `${text.slice(0, end >= 0xd800 && end < 0xdc00 ? max - 2 : max - 1)}…`;
}
