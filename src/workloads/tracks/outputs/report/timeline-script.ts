/** The timeline of the page: a row per worker, a bar per batch. */
export const timelineScript = `
function showTip(tip, event, canvas, text) {
  tip.hidden = text === null;
  if (text === null) return;
  tip.textContent = text;
  const right = event.offsetX + 16 + tip.offsetWidth > canvas.clientWidth;
  tip.style.left = Math.max(4, right ? event.offsetX - tip.offsetWidth - 12 : event.offsetX + 14) + 'px';
  tip.style.top = Math.max(4, Math.min(canvas.clientHeight - tip.offsetHeight - 4, event.offsetY + 14)) + 'px';
}
const statusOf = (state) => state.split('.')[0];
const secondsText = (ms) => (ms < 1000 ? Math.round(ms) + ' ms' : (ms / 1000).toFixed(ms < 10000 ? 2 : 1) + ' s');

function createTimeline(canvas, tip, { lanes, states, batches }) {
  const context = canvas.getContext('2d');
  const rowHeight = lanes.length > 24 ? 14 : 26, left = 92, right = 62, top = 8;
  const end = Math.max(1, batches.reduce((latest, batch) => Math.max(latest, batch[3]), 0));
  const busy = lanes.map((_, lane) => batches.reduce((sum, batch) => sum + (batch[1] === lane ? batch[3] - batch[2] : 0), 0));
  canvas.style.height = top + lanes.length * rowHeight + 26 + 'px';
  const place = (ms) => left + (ms / end) * (canvas.clientWidth - left - right);
  const barOf = ([, lane, from, to]) => ({ x: place(from), y: top + lane * rowHeight + 3, width: Math.max(1.5, place(to) - place(from)), height: rowHeight - 6 });

  function draw() {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = '12px system-ui, sans-serif';
    drawAxis(width, height);
    context.fillStyle = colour('soft');
    context.textBaseline = 'middle';
    lanes.forEach((lane, i) => {
      const y = top + (i + 0.5) * rowHeight;
      context.textAlign = 'left';
      context.fillText(lane.length > 13 ? lane.slice(0, 12) + '\\u2026' : lane, 10, y);
      context.fillText(Math.min(100, Math.round((busy[i] / end) * 100)) + ' %', width - right + 10, y);
    });
    const colours = states.map((state) => colour(statusOf(state)));
    const fine = batches.length > 400;
    for (const batch of batches) {
      const bar = barOf(batch);
      context.fillStyle = colours[batch[4]];
      context.globalAlpha = fine ? 0.85 : 1;
      context.fillRect(bar.x, bar.y, bar.width > 4 ? bar.width - 1 : bar.width, bar.height);
    }
    context.globalAlpha = 1;
  }
  function drawAxis(width, height) {
    const power = Math.pow(10, Math.floor(Math.log10(end / 5)));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => end / n <= 8) || end;
    context.strokeStyle = colour('grid'); context.fillStyle = colour('soft'); context.lineWidth = 1;
    context.textAlign = 'center'; context.textBaseline = 'alphabetic';
    for (let ms = 0; ms <= end; ms += step) {
      const x = Math.round(place(ms)) + 0.5;
      context.beginPath(); context.moveTo(x, top); context.lineTo(x, height - 22); context.stroke();
      context.fillText(secondsText(ms), x, height - 8);
    }
  }
  canvas.addEventListener('pointermove', (event) => {
    const found = batches.find((batch) => {
      const bar = barOf(batch);
      return event.offsetX >= bar.x - 1 && event.offsetX <= bar.x + bar.width + 1 && event.offsetY >= bar.y && event.offsetY <= bar.y + bar.height;
    });
    showTip(tip, event, canvas, found ? 'Batch ' + found[0] + (found[5] ? ': ' + found[5] : '') + '\\n' + states[found[4]] + ' in ' + secondsText(found[3] - found[2]) + ', ' + lanes[found[1]] : null);
  });
  canvas.addEventListener('pointerleave', () => { tip.hidden = true; });
  return { draw };
}
`;
