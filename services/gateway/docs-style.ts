/** The look of `/docs`: one style sheet, allowed by its hash. */
export const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1d2430,#e6e9ef);--soft:light-dark(#5b6575,#9aa5b6);--paper:light-dark(#fbfaf7,#14181f);--card:light-dark(#fff,#1b212b);--line:light-dark(#e3e0d8,#2b3340);--brick:#c2452d}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:15rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem;border-right:1px solid var(--line)}
nav b{display:block;font-size:1.15rem;margin-bottom:1rem}nav b::before{content:"";display:inline-block;width:.8em;height:.8em;background:var(--brick);border-radius:2px;margin-right:.5em}
nav a{display:block;padding:.2rem .5rem;color:inherit;text-decoration:none;border-radius:4px}nav a:hover,nav a:focus-visible{background:var(--line)}
main{padding:2rem clamp(1rem,4vw,3.5rem);max-width:64rem}
h1{margin:.2rem 0 .5rem;font-size:2rem}h2{margin:2.5rem 0 .75rem;text-transform:capitalize;border-bottom:2px solid var(--brick);padding-bottom:.25rem}
h3{margin:1.25rem 0 .4rem;font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft)}
code{font:.875em/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
details.op{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:.5rem 0}
details.op>summary{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;padding:.6rem .9rem;cursor:pointer;list-style:none}
details.op>summary::-webkit-details-marker{display:none}
details.op[open]>summary{border-bottom:1px solid var(--line)}details.op>div{padding:.25rem .9rem 1rem}
summary:focus-visible{outline:2px solid var(--brick);outline-offset:2px;border-radius:8px}
.m{font:700 .75rem/1 ui-monospace,monospace;padding:.3rem .45rem;border-radius:4px;color:#fff;min-width:4rem;text-align:center}
.get{background:#1f6f8b}.post{background:#2d7d46}.patch,.put{background:#8a6416}.delete{background:#a8323e}
.s{color:var(--soft);flex:1 1 16rem}.lock{font-size:.75rem;border:1px solid var(--line);border-radius:99px;padding:.05rem .55rem;color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:.92rem}td{padding:.3rem .75rem .3rem 0;border-top:1px solid var(--line);vertical-align:top}td:first-child{white-space:nowrap}
ul{margin:0;padding-left:1.1rem;list-style:none;border-left:1px solid var(--line)}.f{font-weight:600}.t{color:var(--soft)}.o{color:var(--soft);font-size:.8rem}
@media(max-width:46rem){body{display:block}nav{position:static;height:auto;border:0;border-bottom:1px solid var(--line)}nav a{display:inline-block}}
`;
