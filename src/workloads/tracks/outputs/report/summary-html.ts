import { escapeMarkup } from '../escape-markup.ts';
import type { OutputSources } from '../shapes.ts';

/** The head of the page: what was read, what came out, and what was left out and why. */
export function summaryHtml({ tracks, summary }: OutputSources): string {
  const { rows, valid, skipped, duplicates, outliers, dwelling, lonely, chunks, joined, elapsedMs, inputs } = summary;
  const kilometres = tracks.reduce((sum, { distanceUm }) => sum + distanceUm / 1e9, 0);
  const movingHours = tracks.reduce((sum, { movingMs }) => sum + movingMs / 3_600_000, 0);
  const reasons = Object.entries(skipped).filter(([, count]) => count > 0);
  const cards: readonly (readonly [string, string, string])[] = [
    ['Tracks', whole(tracks.length), spanText(sourcesSpan(tracks))],
    ['Distance', `${whole(kilometres)} km`, `${whole(movingHours)} h on the move`],
    ['Points', whole(valid), `of ${whole(rows)} rows`],
    ['Time', `${(elapsedMs / 1000).toFixed(elapsedMs < 10_000 ? 2 : 1)} s`, speedText(valid, elapsedMs)],
    ['Chunks', whole(chunks), `${whole(joined)} edges joined`],
    [
      'Left out',
      whole(rows - valid + duplicates + outliers + dwelling + lonely),
      `${whole(duplicates)} duplicates, ${whole(outliers)} outliers, ${whole(dwelling)} dwelling, ${whole(lonely)} lonely, ${whole(rows - valid)} invalid`,
    ],
  ];
  return `<header>
<h1>Tracks</h1>
${inputs && inputs.length > 0 ? `<p class="inputs">${inputs.map(escapeMarkup).join(' &middot; ')}</p>` : ''}
</header>
<dl class="cards">
${cards.map(([name, value, more]) => `<div><dt>${name}</dt><dd>${escapeMarkup(value)}<small>${escapeMarkup(more)}</small></dd></div>`).join('\n')}
</dl>
${reasons.length > 0 ? `<p class="note">Invalid rows: ${reasons.map(([reason, count]) => `${escapeMarkup(reason)} ${whole(count)}`).join(', ')}.</p>` : ''}`;
}

function sourcesSpan(tracks: OutputSources['tracks']): readonly [number, number] | undefined {
  const first = tracks[0];
  if (!first) return undefined;
  return [first.startMs, tracks.reduce((latest, { endMs }) => Math.max(latest, endMs), first.endMs)];
}

function spanText(span: readonly [number, number] | undefined): string {
  return span ? span.map(dateText).join(' to ') : 'nothing to show';
}

/** Beyond what a calendar can hold, milliseconds are the only honest text. */
function dateText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString().slice(0, 10);
}

function speedText(points: number, ms: number): string {
  return ms > 0 ? `${whole((points / ms) * 1000)} points a second` : 'too short to measure';
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
