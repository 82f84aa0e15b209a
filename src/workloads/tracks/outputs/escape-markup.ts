const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What XML 1.0 can't hold in any form: control characters but tab and line ends, lone surrogates, and two last code points. */
const notXml = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Text that is safe as content and inside quotes, in XML and HTML. What XML can't hold becomes U+FFFD. */
export function escapeMarkup(text: string): string {
  return text.replace(notXml, '\uFFFD').replace(/[&<>"']/g, (sign) => entities[sign] as string);
}

/** A value as JSON that is safe inside an HTML `script` element: no `<`, so neither `</script` nor `<!--` can occur. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
