/**
 * The map of the page: no tiles, paths on a plain canvas in the Mercator projection, with a grid of degrees and a scale bar.
 *
 * The scripts are kept as text: a function turned into text would carry traces of whatever compiled it.
 */
export const mapScript = `
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const speedClasses = [['slow', 'under 8 km/h', 8], ['middle', '8 to 30 km/h', 30], ['fast', 'over 30 km/h', Infinity]];
const speedClass = (kmh) => speedClasses.find(([, , below]) => kmh < below)[0];
const project = (lat) => (Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, lat)) * Math.PI) / 360)) * 180) / Math.PI;
const unproject = (y) => ((Math.atan(Math.exp((y * Math.PI) / 180)) * 360) / Math.PI) - 90;

function unpackPath(packed) {
  const path = new Float64Array(packed.length);
  let lon = 0, lat = 0, turn = 0;
  for (let i = 0; i < packed.length; i += 2) {
    if (i > 0 && packed[i] > 18000000) turn -= 360;
    if (i > 0 && packed[i] < -18000000) turn += 360;
    lon += packed[i];
    lat += packed[i + 1];
    path[i] = lon / 1e5 + turn;
    path[i + 1] = project(lat / 1e5);
  }
  return path;
}

function boxOf(paths) {
  let w = Infinity, s = Infinity, e = -Infinity, n = -Infinity;
  for (const path of paths) {
    for (let i = 0; i < path.length; i += 2) {
      w = Math.min(w, path[i]); e = Math.max(e, path[i]);
      s = Math.min(s, path[i + 1]); n = Math.max(n, path[i + 1]);
    }
  }
  return w <= e ? [w, s, e, n] : [-180, -80, 180, 80];
}

// The cell of half a degree where most tracks begin, and the shorter 85 % of all tracks that begin in it or beside it.
function busiestBox(paths) {
  const cells = new Map();
  const cellOf = (v) => Math.floor(v * 2);
  for (const path of paths) {
    if (path.length === 0) continue;
    const key = cellOf(path[0]) + ',' + cellOf(path[1]);
    cells.set(key, (cells.get(key) || 0) + 1);
  }
  let best = null;
  for (const [key, count] of cells) if (best === null || count > cells.get(best)) best = key;
  if (best === null) return boxOf(paths);
  const [x, y] = best.split(',').map(Number);
  const near = (v, cell) => Math.abs(cellOf(v) - cell) <= 1;
  const local = paths.filter((path) => path.length > 0 && near(path[0], x) && near(path[1], y));
  const reach = (path) => { const [w, s, e, n] = boxOf([path]); return Math.max(e - w, n - s); };
  const daily = local.map((path) => [reach(path), path]).sort((a, b) => a[0] - b[0]).slice(0, Math.ceil(local.length * 0.85));
  return boxOf(daily.map(([, path]) => path));
}

function createMap(canvas, tip, tracks, onChoose) {
  const paths = tracks.map((track) => unpackPath(track[10]));
  const boxes = paths.map((path) => boxOf([path]));
  const context = canvas.getContext('2d');
  let view = { x: 0, y: 0, scale: 1 };
  let chosen = -1, waiting = false, drag = null;

  const fit = ([w, s, e, n]) => {
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const scale = Math.min((width - 60) / Math.max(e - w, 0.004), (height - 60) / Math.max(n - s, 0.004));
    view = { x: (w + e) / 2, y: (s + n) / 2, scale };
    redraw();
  };
  const screenX = (x) => (x - view.x) * view.scale + canvas.clientWidth / 2;
  const screenY = (y) => (view.y - y) * view.scale + canvas.clientHeight / 2;
  const zoom = (factor, px = canvas.clientWidth / 2, py = canvas.clientHeight / 2) => {
    const scale = Math.max(0.5, Math.min(4e6, view.scale * factor));
    const dx = px - canvas.clientWidth / 2, dy = py - canvas.clientHeight / 2;
    view = { x: view.x + dx / view.scale - dx / scale, y: view.y - dy / view.scale + dy / scale, scale };
    redraw();
  };
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  };

  function draw() {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const labels = drawGrid(width, height);
    context.lineJoin = context.lineCap = 'round';
    for (const [name] of speedClasses) {
      context.strokeStyle = colour(name);
      context.globalAlpha = tracks.length > 800 ? 0.4 : tracks.length > 60 ? 0.55 : 0.85;
      context.lineWidth = 1.8;
      tracks.forEach((track, i) => { if (i !== chosen && speedClass(track[6] || track[5]) === name) line(i, width, height); });
    }
    context.globalAlpha = 1;
    if (chosen >= 0) drawChosen(width, height);
    drawLabels(labels);
    drawScale(width, height);
  }
  function line(i, width, height) {
    const [w, s, e, n] = boxes[i], path = paths[i];
    if (path.length < 2 || screenX(e) < 0 || screenX(w) > width || screenY(s) < 0 || screenY(n) > height) return;
    context.beginPath();
    for (let k = 0; k < path.length; k += 2) context.lineTo(screenX(path[k]), screenY(path[k + 1]));
    if (path.length === 2) context.lineTo(screenX(path[0]) + 0.1, screenY(path[1]));
    context.stroke();
  }
  function drawChosen(width, height) {
    const path = paths[chosen];
    context.strokeStyle = colour('sea'); context.lineWidth = 7; line(chosen, width, height);
    context.strokeStyle = colour('select'); context.lineWidth = 3.2; line(chosen, width, height);
    if (path.length < 2) return;
    dot(path[0], path[1], colour('sea'));
    dot(path[path.length - 2], path[path.length - 1], colour('select'));
  }
  function dot(x, y, fill) {
    context.beginPath();
    context.arc(screenX(x), screenY(y), 5, 0, 7);
    context.fillStyle = fill; context.fill();
    context.strokeStyle = colour('select'); context.lineWidth = 2; context.stroke();
  }
  function drawGrid(width, height) {
    const steps = [90, 45, 30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];
    const step = steps.find((degrees) => degrees * view.scale < 170) || 0.0001;
    const digits = Math.max(0, Math.ceil(-Math.log10(step)));
    const west = view.x - width / 2 / view.scale, north = unproject(view.y + height / 2 / view.scale), south = unproject(view.y - height / 2 / view.scale);
    const labels = [];
    context.strokeStyle = colour('grid'); context.lineWidth = 1;
    for (let i = Math.ceil(west / step); screenX(i * step) <= width; i++) {
      const x = Math.round(screenX(i * step)) + 0.5, lon = ((((i * step + 180) % 360) + 360) % 360) - 180;
      segment(x, 0, x, height);
      labels.push([Math.abs(lon).toFixed(digits) + '\\u00b0' + (lon < 0 ? 'W' : 'E'), x + 4, height - 6]);
    }
    for (let i = Math.ceil(Math.max(south, -85) / step); i * step <= Math.min(north, 85); i++) {
      const y = Math.round(screenY(project(i * step))) + 0.5;
      segment(0, y, width, y);
      labels.push([Math.abs(i * step).toFixed(digits) + '\\u00b0' + (i < 0 ? 'S' : 'N'), 6, y - 4]);
    }
    return labels;
  }
  function drawLabels(labels) {
    context.font = '11px system-ui, sans-serif'; context.textAlign = 'left';
    for (const [text, x, y] of labels) haloText(text, x, y, colour('soft'));
  }
  function haloText(text, x, y, fill) {
    context.lineJoin = 'round'; context.lineWidth = 3; context.strokeStyle = colour('sea'); context.strokeText(text, x, y);
    context.fillStyle = fill; context.fillText(text, x, y);
  }
  function segment(x1, y1, x2, y2) { context.beginPath(); context.moveTo(x1, y1); context.lineTo(x2, y2); context.stroke(); }
  function drawScale(width, height) {
    const metres = (111319.49 * Math.cos((unproject(view.y) * Math.PI) / 180)) / view.scale;
    const power = Math.pow(10, Math.floor(Math.log10(metres * 140)));
    const length = [5, 2, 1].map((n) => n * power).find((n) => n <= metres * 140) || power;
    const x = width - 24 - length / metres, y = height - 26;
    context.strokeStyle = context.fillStyle = colour('ink'); context.lineWidth = 2;
    context.beginPath(); context.moveTo(x, y - 5); context.lineTo(x, y); context.lineTo(width - 24, y); context.lineTo(width - 24, y - 5); context.stroke();
    context.font = '12px system-ui, sans-serif'; context.textAlign = 'center';
    haloText(length >= 1000 ? length / 1000 + ' km' : length + ' m', (x + width - 24) / 2, y - 7, colour('ink'));
  }

  // The nearest drawn corner within 12 pixels.
  function pick(px, py) {
    let found = -1, nearest = 144;
    const x = view.x + (px - canvas.clientWidth / 2) / view.scale, y = view.y - (py - canvas.clientHeight / 2) / view.scale, near = 12 / view.scale;
    for (let i = 0; i < paths.length; i++) {
      const [w, s, e, n] = boxes[i];
      if (x < w - near || x > e + near || y < s - near || y > n + near) continue;
      const path = paths[i];
      for (let k = 0; k < path.length; k += 2) {
        const squared = distanceToStep(path, k, px, py);
        if (squared < nearest) { nearest = squared; found = i; }
      }
    }
    return found;
  }
  function distanceToStep(path, k, px, py) {
    const ax = screenX(path[k]) - px, ay = screenY(path[k + 1]) - py;
    if (k + 3 >= path.length) return ax * ax + ay * ay;
    const dx = screenX(path[k + 2]) - px - ax, dy = screenY(path[k + 3]) - py - ay, squared = dx * dx + dy * dy;
    const along = squared === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / squared));
    const ox = ax + along * dx, oy = ay + along * dy;
    return ox * ox + oy * oy;
  }
  canvas.addEventListener('pointerdown', (event) => {
    drag = { x: event.offsetX, y: event.offsetY, moved: false, view };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!drag) return showTip(tip, event, canvas, ((i) => (i < 0 ? null : trackText(tracks[i])))(pick(event.offsetX, event.offsetY)));
    const dx = event.offsetX - drag.x, dy = event.offsetY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag.moved = true;
    tip.hidden = true;
    canvas.classList.add('dragging');
    view = { ...view, x: drag.view.x - dx / view.scale, y: drag.view.y + dy / view.scale };
    redraw();
  });
  canvas.addEventListener('pointerup', (event) => {
    if (drag && !drag.moved) onChoose(pick(event.offsetX, event.offsetY));
    drag = null;
    canvas.classList.remove('dragging');
  });
  canvas.addEventListener('pointercancel', () => { drag = null; canvas.classList.remove('dragging'); });
  canvas.addEventListener('pointerleave', () => { tip.hidden = true; });
  canvas.addEventListener('dblclick', (event) => zoom(2, event.offsetX, event.offsetY));
  canvas.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 200), event.offsetX, event.offsetY);
  }, { passive: false });

  return {
    redraw, zoom,
    fitAll: () => fit(boxOf(paths)),
    fitBusiest: () => fit(busiestBox(paths)),
    choose: (i, show) => { chosen = i; if (show && i >= 0) fit(boxes[i]); else redraw(); },
  };
}
`;
