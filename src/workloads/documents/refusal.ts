import { PermanentError } from '../../model/errors.ts';

/** Why a document has no text, or a page of it. */
export type DocumentCode = 'file_missing' | 'invalid_pdf' | 'password_required' | 'page_error' | 'session_failed';

/** An error that trying again will not mend, with its code. Thrown in workers. */
export function refusal(code: DocumentCode, why: string): PermanentError {
  return Object.assign(new PermanentError(why), { code });
}
