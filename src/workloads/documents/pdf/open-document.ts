import { refusal } from '../refusal.ts';
import type { Pdfium } from './load-pdfium.ts';

/** A PDF that is open in a PDFium. */
export interface PdfDocument {
  readonly pages: number;
  /** The text of a page, counted from 1, as PDFium gives it. @throws PermanentError with the code `page_error` */
  textOf(page: number): string;
  close(): void;
}

/** Characters on one page: a printed one has a few thousand. More is made to exhaust whoever reads it. */
const mostChars = 2_000_000;

/** Pages of one document: beyond it the count is a lie, or the file one that nobody has made by hand. */
const mostPages = 1_000_000;

const passwordError = 4;

/**
 * Opens a document, with the password if it needs one.
 *
 * @throws PermanentError with the code `password_required` or `invalid_pdf`.
 */
export function openDocument(pdfium: Pdfium, bytes: Uint8Array, password: string): PdfDocument {
  const memory = copyIn(pdfium, bytes);
  const secret = copyIn(pdfium, Buffer.from(`${password}\0`));
  const document = pdfium._FPDF_LoadMemDocument(memory, bytes.length, password === '' ? 0 : secret);
  const error = document === 0 ? pdfium._FPDF_GetLastError() : 0;
  // Nobody who looks into this memory later shall find it.
  pdfium.HEAPU8.fill(0, secret, secret + Buffer.byteLength(password));
  pdfium.wasmExports.free(secret);
  const close = (): void => {
    if (document !== 0) pdfium._FPDF_CloseDocument(document);
    pdfium.wasmExports.free(memory);
  };
  const pages = document === 0 ? 0 : pdfium._FPDF_GetPageCount(document);
  if (pages >= 1 && pages <= mostPages) return { pages, textOf: (page) => textOf(pdfium, document, page), close };
  close();
  if (error === passwordError) {
    throw refusal(
      'password_required',
      password === '' ? 'it is encrypted, and no password was given' : 'the password is not the right one',
    );
  }
  if (document === 0) throw refusal('invalid_pdf', 'it is no PDF, or so damaged that it can not be opened');
  throw refusal('invalid_pdf', `it says that it has ${pages} pages`);
}

function copyIn(pdfium: Pdfium, bytes: Uint8Array): number {
  const pointer = pdfium.wasmExports.malloc(Math.max(1, bytes.length));
  if (pointer === 0) throw refusal('invalid_pdf', `its ${bytes.length} bytes do not fit into memory`);
  // Asked for only now: where the memory has grown, its view is a new one.
  pdfium.HEAPU8.set(bytes, pointer);
  return pointer;
}

/** Everything that is opened is closed again: a document may be read for hours. */
function textOf(pdfium: Pdfium, document: number, page: number): string {
  const loaded = pdfium._FPDF_LoadPage(document, page - 1);
  if (loaded === 0) throw refusal('page_error', `page ${page} can't be loaded: its object is damaged`);
  try {
    const text = pdfium._FPDFText_LoadPage(loaded);
    if (text === 0) throw refusal('page_error', `page ${page} is damaged: its text can't be loaded`);
    try {
      return readText(pdfium, text, page);
    } finally {
      pdfium._FPDFText_ClosePage(text);
    }
  } finally {
    pdfium._FPDF_ClosePage(loaded);
  }
}

function readText(pdfium: Pdfium, text: number, page: number): string {
  const count = pdfium._FPDFText_CountChars(text);
  if (count <= 0) return '';
  if (count > mostChars) throw refusal('page_error', `page ${page} has ${count} characters, more than ${mostChars}`);
  const pointer = copyIn(pdfium, new Uint8Array((count + 1) * 2));
  try {
    // The last of the units written is a zero that ends the text.
    const units = pdfium._FPDFText_GetText(text, 0, count, pointer);
    const bytes = pdfium.HEAPU8.slice(pointer, pointer + Math.max(0, units - 1) * 2);
    return new TextDecoder('utf-16le').decode(bytes);
  } finally {
    pdfium.wasmExports.free(pointer);
  }
}
