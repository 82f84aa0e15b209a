/** The style of the page, for light and dark; the scripts read their colours from the same names. */
export const reportStyle = `
:root { color-scheme: light dark; --page: #f6f5f2; --card: #ffffff; --line: #dedbd4; --ink: #1f2328; --soft: #6a6f76; --accent: #0b6bcb;
  --slow: #0f8a6d; --middle: #d97706; --fast: #7c3aed; --select: #dc2626; --grid: #e9e6df; --sea: #fbfaf8;
  --completed: #2f9e63; --failed: #d9363e; --crashed: #a21caf; --cancelled: #8a8f98; --running: #0b6bcb; --pending: #c9a227; }
@media (prefers-color-scheme: dark) { :root { --page: #14171a; --card: #1c2024; --line: #30363c; --ink: #e6e8ea; --soft: #98a1aa; --accent: #62aef7;
  --slow: #35c8a2; --middle: #f5a742; --fast: #b794ff; --select: #ff6b6b; --grid: #262b30; --sea: #171b1e;
  --completed: #43b97a; --failed: #ff6b6b; --crashed: #d977e6; --cancelled: #7b838c; --running: #62aef7; --pending: #e0bf4f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 28px 24px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0; font-size: 28px; letter-spacing: -0.02em; }
h2 { margin: 0; font-size: 17px; }
.inputs { margin: 2px 0 0; color: var(--soft); overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin: 20px 0 16px; }
.cards > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
dd small { display: block; font-size: 12.5px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.note, .hint { margin: 6px 0; color: var(--soft); font-size: 13.5px; }
.hint { margin: 0; }
section { margin-top: 26px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 18px; margin-bottom: 8px; min-height: 32px; }
.buttons { margin-left: auto; display: flex; gap: 6px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 14px; color: var(--soft); font-size: 13px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.legend i { width: 14px; height: 4px; border-radius: 2px; }
button { font: inherit; font-size: 13px; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 3px 10px; cursor: pointer; }
button:hover { border-color: var(--accent); }
button:focus-visible, canvas:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.frame { position: relative; background: var(--sea); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
canvas { display: block; width: 100%; }
#map { height: 520px; cursor: grab; touch-action: pan-y; }
#map.dragging { cursor: grabbing; }
.tip { position: absolute; pointer-events: none; background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 5px 9px;
  font-size: 13px; line-height: 1.35; max-width: 320px; white-space: pre-line; box-shadow: 0 3px 12px rgb(0 0 0 / 18%); }
.scroll { max-height: 430px; overflow: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
table { width: 100%; border-collapse: separate; border-spacing: 0; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--card); border-bottom: 1px solid var(--line); padding: 0; text-align: right; font-weight: 600; }
th button { width: 100%; border: 0; border-radius: 0; background: none; padding: 8px 12px; text-align: inherit; font-weight: inherit; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td { padding: 5px 12px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
tbody tr { cursor: pointer; }
tbody tr:hover td { background: color-mix(in srgb, var(--accent) 8%, transparent); }
tbody tr.chosen td { background: color-mix(in srgb, var(--select) 14%, transparent); }
@media (max-width: 640px) { body { padding: 16px 12px 32px; } #map { height: 380px; } .buttons { margin-left: 0; } }
@media print { #map { height: 380px; } .scroll { max-height: none; } .buttons { display: none; } }
`;
