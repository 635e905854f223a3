/// How the report's page looks: on a wide screen and a narrow one, light and dark, and printed.
enum PageStyle {
  static let css = """
    :root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d8dee4;
      --panel: #f6f8fa; --link: #0a5ca8; --good: #00704f; --bad: #b3400a; --open: #6b5b00; --bar: #0072b2; --control: #8c959f; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #14171a; --ink: #dfe4e9; --faint: #9aa4ae; --line: #30363d; --panel: #1c2126; --link: #79b8ff;
        --good: #4cc38a; --bad: #ff8f5c; --open: #d9c14a; --bar: #4aa3df; --control: #768390; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
    header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
    header { padding-top: 2rem; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
    h2 { font-size: 1.35rem; margin: 3rem 0 .8rem; padding-top: .6rem; border-top: 1px solid var(--line); }
    h3 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; }
    p, li, dd { max-width: 48rem; }
    a { color: var(--link); }
    nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; padding: 0; margin: .8rem 0 0; }
    .faint, caption, figcaption, .note { color: var(--faint); font-size: .875rem; }
    .answer { font-size: 1.9rem; font-weight: 650; line-height: 1.2; margin: .4rem 0 .8rem; }
    .families { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; margin: 1.2rem 0; }
    .family { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
    .family h3 { margin: 0 0 .3rem; display: flex; flex-direction: column; gap: .2rem; }
    .shares { display: grid; grid-template-columns: auto 1fr auto; gap: .25rem .6rem; align-items: center; font-size: .875rem; }
    .track { position: relative; height: .7rem; background: var(--line); border-radius: .2rem; min-width: 3rem; }
    .track i { position: absolute; left: 0; top: 0; bottom: 0; border-radius: .2rem; background: var(--control); }
    .track i.main { background: var(--bar); }
    .track b { position: absolute; top: 50%; height: 1px; background: var(--ink); }
    .verdict { font-weight: 600; } td .verdict { white-space: nowrap; } .family .verdict { font-size: .9em; }
    .supported { color: var(--good); } .contradicted, .contradicted-by-own-tables { color: var(--bad); }
    .undecidable, .holds-under-reading { color: var(--open); } .not-measured { color: var(--faint); }
    .scroll { overflow-x: auto; margin: .8rem 0 1.2rem;
      background: linear-gradient(to left, var(--ground) 1.5rem, transparent) right / 3rem 100% no-repeat local,
        linear-gradient(to left, var(--line), transparent) right / .8rem 100% no-repeat scroll; }
    table { border-collapse: separate; border-spacing: 0; font-size: .875rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; padding-bottom: .4rem; } caption strong { color: var(--ink); }
    th, td { padding: .25rem .55rem; text-align: left; vertical-align: top; }
    td.number, th.number { text-align: right; white-space: nowrap; }
    tbody th { font-weight: 500; min-width: 7rem; max-width: 24rem; overflow-wrap: break-word; }
    thead th, thead th.number { white-space: normal; } thead th { border-bottom: 1px solid var(--ink); vertical-align: bottom; font-weight: 600; }
    tbody th, tbody td { border-bottom: 1px solid var(--line); }
    /* What a row is named by stays in sight while the rest of a wide table moves under it. */
    tbody th, thead th:first-child { position: sticky; left: 0; z-index: 1; background: var(--ground); }
    tr.group th { position: static; background: none; max-width: none; padding-top: .7rem; font-weight: 650; }
    tr.group span { position: sticky; left: .55rem; }
    caption strong { position: sticky; left: 0; display: inline-block; max-width: min(48rem, calc(100vw - 2.5rem)); }
    tbody tr.reference, tr.paper td, tr.paper th { color: var(--faint); font-style: italic; }
    .scores { font-size: .8125rem; } .scores th, .scores td { padding: .15rem .32rem; }
    .scores small { display: block; color: var(--faint); line-height: 1.1; }
    .claims td:last-child { min-width: 12rem; }
    .claim { border-left: 3px solid var(--line); padding-left: .9rem; margin: 1.6rem 0; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
    dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
    figure { margin: 1.2rem 0 2rem; } svg.plot { max-width: 100%; height: auto; color: var(--ink); display: block; }
    svg.curve { color: var(--bar); display: block; }
    code, .digest { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85em; overflow-wrap: anywhere; }
    pre { background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .7rem .9rem; overflow-x: auto; }
    details { margin: .6rem 0; } summary { cursor: pointer; }
    footer { margin-top: 3rem; padding: 1rem 1.25rem 2rem; border-top: 1px solid var(--line); }
    @media (max-width: 40rem) {
      body { font-size: 15px; } header, main, footer { padding-left: .9rem; padding-right: .9rem; }
      h1 { font-size: 1.4rem; } .answer { font-size: 1.5rem; } svg.plot { max-width: none; }
      tbody th { max-width: 8.5rem; } tr.group th { max-width: none; } thead th:first-child { max-width: 8.5rem; }
      dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
    }
    @media print {
      :root { color-scheme: light; --ground: #ffffff; --ink: #000000; --faint: #444444; --line: #cccccc; --panel: #ffffff;
        --link: #000000; --good: #00704f; --bad: #b3400a; --open: #6b5b00; --bar: #0072b2; --control: #8c959f; }
      @page { size: A4 landscape; margin: 12mm; }
      body { font-size: 10pt; } nav, .downloads { display: none; }
      .scroll { overflow: visible; background: none; } tbody th, thead th:first-child, tr.group span, caption strong { position: static; }
      .families { grid-template-columns: repeat(4, 1fr); } table { font-size: 7pt; } .scores { font-size: 6.2pt; } th, td { padding: .1rem .3rem; }
      figure, tr, .family, .claim dl { break-inside: avoid; } h2, h3, caption { break-after: avoid; } thead { display: table-header-group; }
      header, main, footer { max-width: none; padding: 0; }
    }
    """
}
