/** The rest of the page: its table, its legends, and what connects them. Text from the input goes into text nodes only. */
export const pageScript = `
const byId = (id) => document.getElementById(id);
const content = JSON.parse(byId('content').textContent);
const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
const timeText = (seconds) => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? seconds + ' s' : date.toISOString().replace('T', ' ').slice(0, -5);
};
const durationText = (seconds) => {
  const minutes = Math.round(seconds / 60), hours = Math.floor(minutes / 60);
  return seconds < 90 ? Math.round(seconds) + ' s' : hours > 0 ? hours + ' h ' + String(minutes % 60).padStart(2, '0') : minutes + ' min';
};
const kilometres = (metres) => (metres / 1000).toFixed(metres < 100000 ? 2 : 0);
const trackText = (track) => timeText(track[1]) + '\\n' + kilometres(track[3]) + ' km in ' + durationText(track[2]) + ', ' + track[5] + ' km/h';
const columns = [
  ['Start (UTC)', 1, timeText], ['Duration', 2, durationText], ['Distance, km', 3, kilometres], ['Points', 4, (n) => n.toLocaleString('en-US')],
  ['Average, km/h', 5, (n) => n.toFixed(1)], ['Moving, km/h', 6, (n) => n.toFixed(1)], ['Top, km/h', 7, (n) => n.toFixed(1)], ['Climb, m', 8, String], ['Descent, m', 9, String],
];

const tracks = content.tracks;
const rows = tracks.map((track, i) => {
  const row = document.createElement('tr');
  for (const [, field, text] of columns) row.append(element('td', text(track[field])));
  row.title = track[0];
  row.addEventListener('click', () => choose(i, true));
  return row;
});
const map = createMap(byId('map'), byId('map-tip'), tracks, (i) => choose(i, false));
let chosen = -1;
function choose(i, fromTable) {
  if (chosen >= 0) rows[chosen].classList.remove('chosen');
  chosen = i === chosen && fromTable ? -1 : i;
  if (chosen >= 0) rows[chosen].classList.add('chosen');
  if (chosen >= 0 && !fromTable) rows[chosen].scrollIntoView({ block: 'nearest' });
  map.choose(chosen, fromTable);
}

const sorting = { column: 0, down: false };
const headers = columns.map(([name], place) => {
  const header = document.createElement('th');
  const button = element('button', name);
  button.type = 'button';
  button.addEventListener('click', () => {
    sorting.down = sorting.column === place ? !sorting.down : place > 0;
    sorting.column = place;
    sortRows();
  });
  header.scope = 'col';
  header.append(button);
  return header;
});
function sortRows() {
  const field = columns[sorting.column][1], sign = sorting.down ? -1 : 1;
  const order = rows.map((_, i) => i).sort((a, b) => sign * (tracks[a][field] - tracks[b][field]) || a - b);
  headers.forEach((header, place) => {
    const active = place === sorting.column;
    header.setAttribute('aria-sort', active ? (sorting.down ? 'descending' : 'ascending') : 'none');
    header.firstChild.textContent = columns[place][0] + (active ? (sorting.down ? ' \\u2193' : ' \\u2191') : '');
  });
  byId('tracks').tBodies[0].replaceChildren(...order.map((i) => rows[i]));
}
const headRow = document.createElement('tr');
headRow.append(...headers);
byId('tracks').tHead.append(headRow);
sortRows();
byId('tracks-hint').textContent = tracks.length > 0 ? 'Click a row to see it on the map, a heading to sort.' : 'No tracks.';

function legend(id, entries) {
  for (const [name, text] of entries) {
    const entry = document.createElement('span');
    const mark = document.createElement('i');
    mark.style.background = 'var(--' + name + ')';
    entry.append(mark, text);
    byId(id).append(entry);
  }
}
legend('map-legend', speedClasses);
legend('timeline-legend', [...new Set(content.states.map(statusOf))].map((status) => [status, status]));

byId('timeline-section').hidden = content.batches.length === 0;
const timeline = createTimeline(byId('timeline'), byId('timeline-tip'), content);
const drawAll = () => { map.redraw(); timeline.draw(); };
byId('fit-all').addEventListener('click', map.fitAll);
byId('fit-busy').addEventListener('click', map.fitBusiest);
byId('zoom-in').addEventListener('click', () => map.zoom(1.6));
byId('zoom-out').addEventListener('click', () => map.zoom(1 / 1.6));
window.addEventListener('resize', drawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
map.fitBusiest();
timeline.draw();
`;
