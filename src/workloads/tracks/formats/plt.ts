import { FormatError, type FormatReaderOf } from './format-reader.ts';
import { createLineSplitter } from './text-lines.ts';

/** Lines of head before the first point. */
const headLines = 6;

/** Days from 1899-12-30, where its times count from, to 1970. */
const daysTo1970 = 25_569;

const msInDay = 86_400_000;
const metresInFoot = 0.3048;

/** The line that names what the positions are of. */
const datumLine = 1;

/** Stands for no height. */
const noHeight = -777;

/**
 * OziExplorer's track points: latitude, longitude, a mark, feet, days since 1899-12-30; more fields may follow. A day of 0 stands for none.
 * Positions of other datums than WGS 84 would be hundreds of metres off, so they are refused.
 */
export const plt: FormatReaderOf = (sink) =>
  createLineSplitter({
    tooLong: () => sink.skip('too_long'),
    line(text, number) {
      if (number === datumLine) checkDatum(text.trim());
      if (number < headLines || text.trim() === '') return;
      const [lat, lon, , feet = '', days] = text.split(',').map((field) => field.trim());
      if (days === undefined) sink.skip('too_few_columns');
      else sink.row(timeOf(days), lat, lon, heightOf(feet));
    },
  });

function checkDatum(datum: string): void {
  if (datum === '' || /^wgs[ -]?(?:19)?84$/i.test(datum)) return;
  throw new FormatError(`its positions are of the datum ${datum.slice(0, 40)}, and only those of WGS 84 are read`);
}

function timeOf(days: string): string {
  if (days === '' || !Number.isFinite(Number(days))) return days;
  if (Number(days) === 0) return '';
  const ms = Math.round((Number(days) - daysTo1970) * msInDay);
  const second = Math.round(ms / 1_000) * 1_000;
  const date = new Date(Math.abs(ms - second) <= resolution(days) ? second : ms);
  return Number.isNaN(date.getTime()) ? 'never' : date.toISOString();
}

/** Milliseconds that the last decimal stands for: with the usual seven, 9 ms; so a time that close to a whole second was one. */
function resolution(days: string): number {
  const decimals = /\.(\d+)$/.exec(days)?.[1]?.length ?? 0;
  return Math.min(500, msInDay / 10 ** decimals + 1);
}

function heightOf(feet: string): number | undefined {
  return feet === '' || Number(feet) === noHeight ? undefined : Number(feet) * metresInFoot;
}
