import type { FormatReaderOf } from './format-reader.ts';
import { createLineSplitter } from './text-lines.ts';

/** Lines of head before the first point. */
const headLines = 6;

/** Days from 1899-12-30, where its times count from, to 1970. */
const daysTo1970 = 25_569;

const metresInFoot = 0.3048;

/** Stands for no height. */
const noHeight = -777;

/**
 * OziExplorer's track points: latitude, longitude, a mark, feet, days since 1899-12-30. The days have seven decimals, which is 9 ms:
 * times are whole seconds where they are that close to one.
 */
export const plt: FormatReaderOf = (sink) =>
  createLineSplitter({
    tooLong: () => sink.skip('too_long'),
    line(text, number) {
      if (number < headLines || text.trim() === '') return;
      const [lat, lon, , feet = '', days] = text.split(',').map((field) => field.trim());
      if (days === undefined) sink.skip('too_few_columns');
      else sink.row(timeOf(days), lat, lon, heightOf(feet));
    },
  });

function timeOf(days: string): string {
  if (days === '' || !Number.isFinite(Number(days))) return days;
  const ms = Math.round((Number(days) - daysTo1970) * 86_400_000);
  const second = Math.round(ms / 1_000) * 1_000;
  const date = new Date(Math.abs(ms - second) <= 10 ? second : ms);
  return Number.isNaN(date.getTime()) ? 'never' : date.toISOString();
}

function heightOf(feet: string): number | undefined {
  return feet === '' || Number(feet) === noHeight ? undefined : Number(feet) * metresInFoot;
}
