import { createHash } from 'node:crypto';
import { escapeMarkup, jsonForScript } from '../escape-markup.ts';
import type { OutputSources } from '../shapes.ts';
import { mapScript } from './map-script.ts';
import { pageScript } from './page-script.ts';
import type { ReportContent } from './report-content.ts';
import { reportStyle } from './report-style.ts';
import { summaryHtml } from './summary-html.ts';
import { timelineScript } from './timeline-script.ts';

/**
 * The whole page. Its policy allows exactly this style and this script, by their hashes, and no request at all;
 * everything that comes from the input is escaped here, or put into text nodes by the script.
 */
export function reportPage(sources: OutputSources, content: ReportContent, notes: readonly string[]): string {
  const script = `'use strict';(() => {\n${mapScript}\n${timelineScript}\n${pageScript}\n})();`;
  const policy = [
    "default-src 'none'",
    `style-src '${sha256(reportStyle)}'`,
    `script-src '${sha256(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Tracks</title>
<style>${reportStyle}</style>
</head>
<body>
${summaryHtml(sources)}
${notes.map((note) => `<p class="note">${escapeMarkup(note)}</p>`).join('\n')}
${bodyHtml}
<script type="application/json" id="content">${jsonForScript(content)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const bodyHtml = `<noscript><p class="note">Map, tracks and timeline need JavaScript. Everything in them is also in tracks.json and tracks.geojson.</p></noscript>
<section aria-labelledby="map-title">
<div class="bar">
<h2 id="map-title">Map</h2>
<div class="legend" id="map-legend"></div>
<div class="buttons">
<button type="button" id="fit-busy">Busiest area</button>
<button type="button" id="fit-all">Everything</button>
<button type="button" id="zoom-in" aria-label="Zoom in">+</button>
<button type="button" id="zoom-out" aria-label="Zoom out">&minus;</button>
</div>
</div>
<div class="frame"><canvas id="map" role="img" aria-label="Map of the tracks"></canvas><div class="tip" id="map-tip" hidden></div></div>
</section>
<section aria-labelledby="tracks-title">
<div class="bar"><h2 id="tracks-title">Tracks</h2><p class="hint" id="tracks-hint"></p></div>
<div class="scroll"><table id="tracks"><thead></thead><tbody></tbody></table></div>
</section>
<section aria-labelledby="timeline-title" id="timeline-section">
<div class="bar"><h2 id="timeline-title">Batches</h2><div class="legend" id="timeline-legend"></div></div>
<div class="frame"><canvas id="timeline" role="img" aria-label="Timeline of the batches"></canvas><div class="tip" id="timeline-tip" hidden></div></div>
</section>`;

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
