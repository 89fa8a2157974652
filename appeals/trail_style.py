"""How a copy of a trail looks, on a screen of any width and on paper. It fetches nothing: no font, no picture, no other sheet."""

from __future__ import annotations

STYLE = """
* { box-sizing: border-box; }
html { color: #1b1b1b; background: #fff; font: 16px/1.45 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
html { font-variant-ligatures: none; }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 2px solid #1f4e79; color: #1f4e79; }
h3 { font-size: 1rem; margin: 0; }
h3 time { display: inline-block; min-width: 8.5rem; font-variant-numeric: tabular-nums; }
p { margin: .3rem 0; }
.sandbox, .withheld { padding: .6rem .8rem; margin: 0 0 1rem; border: 2px solid; }
.sandbox { color: #8a1c00; font-weight: bold; }
.withheld { border-color: #6b5900; background: #fff9e0; }
.doubt { color: #8a1c00; font-weight: bold; }
.warned { color: #8a1c00; }
.meta { color: #4d4d4d; font-size: .875rem; }
dl { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .2rem .8rem; margin: .4rem 0; }
dt { color: #4d4d4d; }
dd { margin: 0; }
.entry { margin: 0; padding: .7rem 0 .8rem; border-top: 1px solid #c4c4c4; }
.entry:first-of-type { border-top: 0; }
.entry dl, .entry table, .clock, .papers { font-size: .9375rem; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0; table-layout: fixed; }
caption { text-align: left; color: #4d4d4d; padding: 0 0 .15rem; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #e0e0e0; font-weight: normal; }
thead th { color: #4d4d4d; border-bottom: 1px solid #8c8c8c; }
.money td, .number { text-align: right; font-variant-numeric: tabular-nums; }
.money { width: auto; min-width: 50%; }
.proof th:first-child { width: 4.5rem; }
.proof .number { width: 8.5rem; padding-right: 0; }
.clock { margin: .5rem 0 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid #1f4e79; }
.clock.over { border-left-color: #a0a0a0; }
.clock ul { margin: .2rem 0; padding-left: 1.1rem; }
.papers { margin: .4rem 0 0; padding-left: 1.1rem; }
code { font: .8125rem/1.4 ui-monospace, "Liberation Mono", Consolas, monospace; word-break: break-all; }
.head { padding: .6rem .8rem; background: #f3f3f3; }
@media (max-width: 34rem) {
  body { padding: 1rem .8rem 2rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin: 0 0 .35rem; }
  .proof .number { width: 4.5rem; }
}
@page { margin: 16mm 16mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #4d4d4d; } }
@media print {
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  h2, h3, caption, .entry > .meta { break-after: avoid; }
  h2 { margin-top: 1.5rem; }
  tr, .entry dl, .clock, .papers li, .sandbox, .withheld, .closing, .opening, .money { break-inside: avoid; }
  .papers { break-before: avoid; }
  thead { display: table-header-group; break-inside: avoid; break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  p { orphans: 3; widows: 3; }
  .head, .withheld { background: none; border: 1px solid #8c8c8c; }
}
"""
