/**
 * The look of the report page: light and dark by the reader's preference. No font, image or script is loaded.
 *
 * Owns colours. A status is told by its word, a marker by its shape; colour only helps. The schedule is a wide pale
 * band, so that it shows beside fills that follow it exactly.
 */
export const STYLE = `
:root { color-scheme: light dark;
  --page: #f7f8fa; --card: #ffffff; --text: #17202b; --muted: #5b6675; --edge: #dde2e9; --grid: #e9edf2;
  --plan: #8a94a3; --bound: #a9b2bf; --filled: #1d5fd1; --maker: #0b7a55; --taker: #b85a00; --reject: #c22030;
  --average: #1d5fd1; --arrival: #6d4bb8; --vwap: #0b7a55; --good: #0b7a55; --bad: #c22030; --warn: #9a5b00; }
@media (prefers-color-scheme: dark) { :root {
  --page: #10151c; --card: #18202a; --text: #e6ebf2; --muted: #9aa7b8; --edge: #2b3643; --grid: #232d39;
  --plan: #8d9aab; --bound: #667486; --filled: #6ea8ff; --maker: #4fd0a0; --taker: #ffb05c; --reject: #ff7b86;
  --average: #6ea8ff; --arrival: #bba2ff; --vwap: #4fd0a0; --good: #4fd0a0; --bad: #ff7b86; --warn: #ffc46b; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 32px 16px 64px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1104px; margin: 0 auto; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 40px 0 10px; }
h3 { font-size: 17px; margin: 0; }
p { margin: 4px 0; }
.muted, dt, caption { color: var(--muted); }
.id { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--muted); overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 20px 24px; margin: 16px 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--filled); outline-offset: 2px; }
a { color: var(--filled); }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 6px; }
th, td { padding: 6px 12px 6px 0; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--edge); }
th { font-weight: 600; color: var(--muted); }
.n { text-align: right; }
.status { font-weight: 650; }
.COMPLETED { color: var(--good); } .FAILED { color: var(--bad); } .PARTIAL, .CANCELLED { color: var(--warn); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px 20px; margin: 16px 0; }
dt { font-size: 13px; } dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 12px 0 4px; padding: 0; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 7px; color: var(--muted); }
details { margin-top: 12px; } summary { cursor: pointer; color: var(--muted); }
svg { display: block; }
svg text { font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--muted); }
svg .name { font-size: 13px; } svg .tick { font-variant-numeric: tabular-nums; }
svg .label { font-weight: 600; font-size: 13px; }
svg .grid { stroke: var(--grid); } svg .axis, svg .tickmark { stroke: var(--bound); }
svg .line { fill: none; stroke-width: 1.5; }
svg .line.schedule { stroke: var(--plan); stroke-width: 7; opacity: 0.45; }
svg .bound { stroke: var(--bound); stroke-dasharray: 5 4; stroke-width: 1.25; }
svg line.target { stroke: var(--plan); stroke-dasharray: 1 5; stroke-linecap: round; }
svg .line.filled { stroke: var(--filled); stroke-width: 2.5; }
svg .area.hidden { fill: var(--plan); opacity: 0.3; } svg .area.shown { fill: var(--filled); opacity: 0.85; }
svg .bar.planned { fill: var(--plan); opacity: 0.35; } svg .bar.done { fill: var(--filled); }
svg .line.average { stroke: var(--average); stroke-width: 2; }
svg .line.arrival { stroke: var(--arrival); stroke-dasharray: 7 4; }
svg .line.vwap { stroke: var(--vwap); stroke-dasharray: 2 4; stroke-width: 2; }
svg .line.rung { stroke: var(--bound); stroke-width: 1; }
svg .mark { stroke: var(--card); stroke-width: 1.25; }
svg .maker { fill: var(--maker); } svg .taker { fill: var(--taker); } svg .unknown { fill: var(--plan); }
svg .reject { fill: none; stroke: var(--reject); stroke-width: 2.25; stroke-linecap: round; }
svg text.filled, svg text.average { fill: var(--filled); } svg text.arrival { fill: var(--arrival); }
svg text.vwap { fill: var(--vwap); }
@media print { body { background: none; padding: 0; } .card { break-inside: avoid; border-color: #ccc; } }
`;
