// How the page looks, in light and dark.

enum HTMLStyle {
    static let text = """
        :root { color-scheme: light dark; --text: #1c1e21; --soft: #5f6570; --ground: #ffffff;
          --panel: #f4f5f7; --line: #d8dbe0; --live: #2f6fde; --used: #b9802a; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --text: #e4e6ea; --soft: #9aa1ac;
          --ground: #16181c; --panel: #20242a; --line: #363b44; --live: #7aa7ff; --used: #e0b062;
          --bad: #ff8a80; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--ground);
          color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.4rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; }
        p { margin: .25rem 0; } .soft { color: var(--soft); } .bad { color: var(--bad); }
        code, pre, ol { font-family: ui-monospace, monospace; font-size: .87rem; }
        pre { background: var(--panel); padding: .75rem 1rem; overflow-x: auto; white-space: pre-wrap;
          overflow-wrap: anywhere; border-radius: 6px; }
        dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem;
          margin: 1.25rem 0; }
        dl div { background: var(--panel); border-radius: 6px; padding: .6rem .9rem; }
        dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-weight: 600; }
        svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font: 12px
          system-ui, sans-serif; } .grid { stroke: var(--line); } .peak { stroke: var(--soft);
          stroke-dasharray: 4 4; }
        .live { stroke: var(--live); fill: none; stroke-width: 1.8; } .area { fill: var(--live);
          opacity: .16; } .used { stroke: var(--used); fill: none; stroke-width: 1.4; }
        .key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
          margin: 0 .35rem 0 1rem; vertical-align: -1px; } .key:first-child { margin-left: 0; }
        .key-live { background: var(--live); } .key-used { background: var(--used); }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th { font-weight: 600; color: var(--soft); } th, td { text-align: right; padding: .2rem .7rem;
          border-bottom: 1px solid var(--line); } th:last-child, td:last-child { width: 34%; text-align: left; }
        .bar { background: var(--live); height: .7rem; border-radius: 2px; min-width: 1px; }
        details { border-bottom: 1px solid var(--line); padding: .35rem 0; }
        summary { cursor: pointer; font-variant-numeric: tabular-nums; } summary code { color: var(--soft); }
        ol { margin: .4rem 0 .6rem; padding-left: 2.6rem; overflow-wrap: anywhere; }
        li::marker { color: var(--soft); } li span { color: var(--soft); }
        """
}
