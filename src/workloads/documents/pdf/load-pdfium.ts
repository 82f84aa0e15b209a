import { createRequire } from 'node:module';
import { MillraceError } from '../../../model/errors.ts';

/** The calls of PDFium that are used here. Pointers are numbers; 0 is none. */
export interface Pdfium {
  readonly HEAPU8: Uint8Array;
  readonly wasmExports: { malloc(size: number): number; free(pointer: number): void };
  _FPDF_InitLibraryWithConfig(config: object): void;
  _FPDF_LoadMemDocument(bytes: number, size: number, password: number): number;
  _FPDF_CloseDocument(document: number): void;
  _FPDF_GetLastError(): number;
  _FPDF_GetPageCount(document: number): number;
  _FPDF_LoadPage(document: number, index: number): number;
  _FPDF_ClosePage(page: number): void;
  _FPDFText_LoadPage(page: number): number;
  _FPDFText_ClosePage(text: number): void;
  _FPDFText_CountChars(text: number): number;
  _FPDFText_GetText(text: number, start: number, count: number, to: number): number;
}

type Start = (options: object) => Promise<Pdfium>;

/** What this workload needs besides the package itself. */
export const pdfPackage = '@hyzyla/pdfium';
export const tokenPackage = 'gpt-tokenizer';

/**
 * Starts a PDFium of its own: some 20 MB of WebAssembly memory, and as much again as the documents that are open in it.
 *
 * @throws MillraceError `DRIVER_MISSING`, saying what to install.
 */
export async function loadPdfium(): Promise<Pdfium> {
  const { PDFiumModule } = (await importOptional(pdfPackage)) as { PDFiumModule: Start };
  // What it would print about memory that it can't have is told by the errors that follow from it.
  const pdfium = await PDFiumModule({ print: ignore, printErr: ignore });
  pdfium._FPDF_InitLibraryWithConfig({ version: 2 });
  return pdfium;
}

/** Imports a package that only some installations have. */
export async function importOptional(name: string): Promise<unknown> {
  try {
    // A name in a variable: bundlers and the compiler leave it alone.
    return await import(name);
  } catch (cause) {
    throw driverMissing(cause);
  }
}

/** Refuses before anything has run, if one of the packages is not there. @throws MillraceError `DRIVER_MISSING` */
export function checkPackages(): void {
  const { resolve } = createRequire(import.meta.url);
  try {
    for (const name of [pdfPackage, tokenPackage]) resolve(name);
  } catch (cause) {
    throw driverMissing(cause);
  }
}

function driverMissing(cause: unknown): MillraceError {
  const why = (cause as Error).message.split('\n')[0];
  return new MillraceError(
    'DRIVER_MISSING',
    `Documents need two packages that are not part of millrace (${why}). Install them: npm install ${pdfPackage} ${tokenPackage}`,
    { cause },
  );
}

function ignore(): void {}
