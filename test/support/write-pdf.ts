/** What stands on a page; null: its content is no text at all; `'broken'`: the page's object is damaged. */
export type TestPage = string | null | 'broken';

/** A small PDF of these pages, as plain bytes: one line of Helvetica on each. */
export function writePdf(pages: readonly TestPage[]): Uint8Array {
  const objects: string[] = ['<< /Type /Catalog /Pages 2 0 R >>'];
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ');
  objects.push(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  for (const [index, page] of pages.entries()) {
    // A string of a PDF has at most 32,767 bytes.
    const strings = (page?.match(/.{1,30000}/gs) ?? []).map((part) => `(${escaped(part)}) Tj`);
    const content = page === null ? '' : `BT /F1 10 Tf 20 700 Td ${strings.join(' ')} ET`;
    const resources = '/Resources << /Font << /F1 3 0 R >> >>';
    objects.push(
      page === 'broken'
        ? 'BROKEN'
        : `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 5000 800] ${resources} /Contents ${5 + index * 2} 0 R >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    );
  }
  return assemble(objects);
}

function escaped(text: string): string {
  return text.replace(/[\\()]/g, (mark) => `\\${mark}`);
}

function assemble(objects: readonly string[]): Uint8Array {
  let text = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const start = text.length;
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
