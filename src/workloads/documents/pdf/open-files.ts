import { readFileSync, statSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { refusal } from '../refusal.ts';
import { loadPdfium, type Pdfium } from './load-pdfium.ts';
import { openDocument, type PdfDocument } from './open-document.ts';

/** Documents that a worker keeps open between its chunks, the latest used. Each is held in memory whole. */
const mostOpen = 4;

/** Above it a document doesn't fit into the 2 GB of memory that PDFium can have. */
const mostBytes = 1_000_000_000;

/** The documents of one worker. */
export interface OpenFiles {
  /** Opens a file, or gives what is open of it. */
  use<T>(file: string, act: (document: PdfDocument) => T): T;
}

/** The environment variable that the password is read from: settings are stored, and a secret must not be. */
export const passwordVariable = 'MILLRACE_PDF_PASSWORD';

let shared: Promise<OpenFiles> | undefined;

/** The documents of this worker: one PDFium, however many sessions it works for. */
export function openFiles(): Promise<OpenFiles> {
  shared ??= createOpenFiles().catch((thrown: unknown) => {
    shared = undefined;
    throw thrown;
  });
  return shared;
}

async function createOpenFiles(): Promise<OpenFiles> {
  const pdfium = await loadPdfium();
  const open = new LRUCache<string, PdfDocument>({ max: mostOpen, dispose: (document) => document.close() });
  return {
    use(file, act) {
      const { size, mtimeMs } = statSync(file);
      // What one password has opened is not open for whoever comes with another.
      const password = process.env[passwordVariable] ?? '';
      const key = `${file}:${size}:${mtimeMs}:${password}`;
      try {
        const document = open.get(key) ?? openFile(pdfium, file, size, password);
        open.set(key, document, { noDisposeOnSet: true });
        return act(document);
      } catch (thrown) {
        // An instance that trapped may have left anything in its memory: the next page gets another one.
        if (isTrap(thrown)) shared = undefined;
        throw thrown;
      }
    },
  };
}

function openFile(pdfium: Pdfium, file: string, size: number, password: string): PdfDocument {
  if (size > mostBytes) throw refusal('invalid_pdf', `it has ${size} bytes, more than ${mostBytes}`);
  return openDocument(pdfium, readFileSync(file), password);
}

function isTrap(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'RuntimeError';
}
