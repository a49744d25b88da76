"""How the HTML report looks, and the little that it does: it works without the script, and prints."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --line: #e3e2de; --ink: #1d1f23; --soft: #5c6068; --code: #f4f3f0;
  --broken: #b3261e; --unlike: #8f4f00; --differs: #1f57b8; --held: #1f7a4d; --not-observed: #6b6f76;
  --accent: #1f57b8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1c1f23; --line: #33373d; --ink: #e8e8e6; --soft: #a5a9b1; --code: #14161a;
    --broken: #ff8f85; --unlike: #f0b35e; --differs: #8db4ff; --held: #6fd3a0; --not-observed: #9a9ea6;
    --accent: #8db4ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 3.5rem 1.5rem 5rem; }
h1 { font-size: 1.9rem; line-height: 1.25; letter-spacing: -0.015em; font-weight: 650; margin: 0 0 .75rem;
  max-width: 34em; text-wrap: balance; }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; margin: 3.5rem 0 .35rem; }
h3 { font-size: 1.05rem; line-height: 1.4; margin: 0; font-weight: 600; text-wrap: pretty; }
p { margin: 0 0 1rem; max-width: 46em; text-wrap: pretty; }
a { color: var(--accent); }
.over { color: var(--soft); font-size: .9rem; margin-bottom: .75rem; overflow-wrap: anywhere; }
.lead { font-size: 1.1rem; color: var(--soft); }
.soft { color: var(--soft); }
code, pre, .value { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: .875em; unicode-bidi: isolate; }
pre code { font-size: 1em; }
.bar { display: flex; gap: 2px; height: .75rem; border-radius: .375rem; overflow: hidden; margin: 2rem 0 .9rem; }
.bar span { min-width: 4px; background: var(--tone); }
.bar .not-observed { background: var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.75rem; list-style: none; margin: 0 0 2.25rem; padding: 0; }
.mark { white-space: nowrap; color: var(--tone); font-weight: 600; }
.mark::before { content: ""; display: inline-block; width: .6em; height: .6em; border-radius: 50%;
  background: var(--tone); margin-right: .5em; }
.held { --tone: var(--held); } .broken { --tone: var(--broken); } .unlike { --tone: var(--unlike); }
.differs { --tone: var(--differs); } .not-observed { --tone: var(--not-observed); }
.not-observed.mark::before { background: none; border: 2px solid var(--tone); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1.1rem 2rem; margin: 0;
  padding: 1.25rem 0; border-block: 1px solid var(--line); }
.facts dt, .pair dt { color: var(--soft); font-size: .85rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-top: 3px solid var(--tone);
  border-radius: .5rem; padding: 1.4rem 1.5rem 1.25rem; margin: 1.25rem 0; }
.card { overflow-wrap: anywhere; }
.card header > * { min-width: 0; }
li { overflow-wrap: anywhere; }
.card header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; margin-bottom: .45rem; }
.card .asks { margin: .4rem 0 0; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem 2rem; margin: 1.1rem 0 1.25rem; }
.pair > div { min-width: 0; }
.pair dd { margin: .15rem 0 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.came dd { color: var(--tone); }
.step { color: var(--soft); font-size: .85rem; margin: .9rem 0 .3rem; }
.command { position: relative; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: .375rem; margin: 0; overflow: auto;
  padding: .85rem 1rem; line-height: 1.5; max-height: 26rem; }
time { white-space: nowrap; }
button { position: absolute; top: .45rem; right: .45rem; font: inherit; font-size: .8rem; padding: .2rem .65rem;
  color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: .375rem; cursor: pointer; }
.trail { color: var(--soft); font-size: .85rem; margin: .95rem 0 0; overflow-wrap: anywhere; max-width: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; margin: 1.25rem 0 0; font-size: .925rem; }
th, td { text-align: left; vertical-align: top; padding: .6rem 1.25rem .6rem 0; border-bottom: 1px solid var(--line);
  font-weight: 400; overflow-wrap: anywhere; }
thead th { color: var(--soft); font-size: .85rem; border-bottom-color: var(--soft); overflow-wrap: normal; }
th code { white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.place th { color: var(--soft); padding-top: 1.75rem; font-weight: 600; }
.statements td:nth-child(2) { min-width: 16rem; }
.statements td:last-child { color: var(--soft); font-size: .9em; min-width: 11rem; }
.filter { display: flex; flex-wrap: wrap; gap: .5rem; border: 0; margin: 1.25rem 0 0; padding: 0; }
.filter legend { float: left; color: var(--soft); margin-right: .5rem; padding: .25rem 0; }
.filter label { border: 1px solid var(--line); border-radius: 1rem; padding: .2rem .85rem; cursor: pointer;
  background: var(--card); font-size: .9rem; }
.filter label:has(:checked) { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); }
.filter label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
.filter input { position: absolute; opacity: 0; pointer-events: none; }
FILTERS
footer { margin-top: 4rem; color: var(--soft); font-size: .85rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 44rem) {
  main { padding: 2rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  .facts { grid-template-columns: 1fr 1fr; gap: .9rem 1.25rem; }
  .pair { grid-template-columns: 1fr; }
  .command:has(button) pre { padding-top: 2.75rem; }
  .card { padding: 1.1rem 1rem; }
  .stacks thead { position: absolute; clip-path: inset(50%); }
  .stacks, .stacks tbody, .stacks tr, .stacks th, .stacks td { display: block; }
  .stacks tr { border-bottom: 1px solid var(--line); padding: .8rem 0; }
  .stacks th, .stacks td { border: 0; padding: 0 0 .2rem; min-width: 0 !important; }
  .stacks .place { border: 0; padding: 1.5rem 0 0; }
  .stacks .number { display: inline-block; text-align: left; margin-right: 1.25rem; }
  .stacks .number::before { content: attr(data-label) " "; color: var(--soft); }
}
@media print {
  :root { --page: #fff; --card: #fff; }
  main { max-width: none; padding: 0; }
  button, .filter { display: none; }
  .card, tr { break-inside: avoid; } h2, .place { break-after: avoid; }
  pre { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
  .bar, .mark::before { print-color-adjust: exact; }
}
""".replace(
    "FILTERS",
    "\n".join(
        f"main:has(#only-{name}:checked) .statements tr[data-verdict]:not([data-verdict={name}]),"
        f" main:has(#only-{name}:checked) .statements tbody:not(:has([data-verdict={name}])) {{ display: none; }}"
        for name in ("broken", "unlike", "differs", "held", "not-observed")
    ),
)

SCRIPT = """
for (const block of document.querySelectorAll('.command')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    const text = block.querySelector('code').textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(block.querySelector('code'));
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  block.append(button);
}
"""
