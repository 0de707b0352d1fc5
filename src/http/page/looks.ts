/** How the page looks: light and dark as the browser wants it, on a phone in one column. Served as a file of its own. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #f4f6f8; --card: #fff; --text: #1c2733; --soft: #5b6875; --line: #d9dfe5; --accent: #0b6bcb;
  --good: #1a7f4b; --warn: #9a6200; --bad: #c02b2b; --added: #e3f6ea; --removed: #fdeaea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11161c; --card: #1b222b; --text: #e6ebf0; --soft: #9fabb7; --line: #303a45; --accent: #6db3ff;
    --good: #5fd39a; --warn: #f0b95a; --bad: #ff8a80; --added: #14361f; --removed: #421d1d;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
a { color: var(--accent); }
header { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; justify-content: space-between; }
.cards { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); padding: 0; margin: 0; list-style: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; min-width: 0; }
.card > * + * { margin-top: .5rem; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.state { font-weight: 600; }
.soft, dt { color: var(--soft); font-size: .9rem; }
p { margin: 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .8rem; margin: .5rem 0 0; }
dd { margin: 0; overflow-wrap: anywhere; }
form { display: inline-block; margin: 0 .4rem .2rem 0; }
button, input { font: inherit; min-height: 2.5rem; border-radius: .4rem; border: 1px solid var(--line); padding: .3rem .9rem; }
button { background: var(--card); color: var(--accent); cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--card); }
button:disabled { opacity: .5; cursor: default; }
input { width: 12rem; max-width: 100%; background: var(--ground); color: var(--text); }
input[type="checkbox"] { width: auto; min-height: auto; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#said { border-left: .3rem solid var(--accent); background: var(--card); padding: .6rem 1rem; margin-top: .8rem; overflow-wrap: anywhere; }
#said.refused { border-color: var(--bad); }
#said:empty { display: none; }
summary { cursor: pointer; color: var(--accent); min-height: 1.8rem; }
pre { overflow-x: auto; margin: .4rem 0 0; padding: .6rem; background: var(--ground); border-radius: .4rem; font-size: .85rem; line-height: 1.4; }
pre span { display: block; min-height: 1.4em; }
pre .added { background: var(--added); } pre .removed { background: var(--removed); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td, th { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; overflow-wrap: anywhere; }
`;

/**
 * What the page does beyond its forms, which work without: it sends them without leaving the place, shows times as the reader's clock has them, and looks
 * again every ten seconds unless somebody is typing.
 */
export const BEHAVIOUR = `"use strict";
(() => {
  const times = (root) => {
    for (const time of root.querySelectorAll("time")) time.textContent = new Date(time.dateTime).toLocaleString();
  };
  const show = (text, withWords) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    const [old, fresh] = [document.querySelector("main"), next.querySelector("main")];
    if (!old || !fresh) return;
    const open = new Set([...old.querySelectorAll("details[open]")].map((one) => one.id));
    for (const one of fresh.querySelectorAll("details")) one.open = open.has(one.id);
    times(fresh);
    const focused = document.activeElement && old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    const [sum, now] = [document.querySelector("header > p"), next.querySelector("header > p")];
    if (sum && now) sum.replaceWith(now);
    if (focused) document.getElementById(focused)?.focus();
    const [words, said] = [document.getElementById("said"), next.getElementById("said")];
    if (withWords && words && said) {
      words.className = said.className;
      words.textContent = said.textContent;
    }
  };
  let isBusy = false;
  const ask = async (address, options, withWords) => {
    if (isBusy) return;
    isBusy = true;
    try {
      const answer = await fetch(address, { ...options, cache: "no-store" });
      if (answer.ok || withWords) show(await answer.text(), withWords);
    } catch {
      // The next look tries again.
    } finally {
      isBusy = false;
    }
  };
  document.addEventListener("submit", (event) => {
    if (isBusy) return;
    event.preventDefault();
    const form = event.target;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }, true).finally(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    });
  });
  times(document);
  setInterval(() => {
    const typing = [...document.querySelectorAll("main input:not([type=hidden])")].some((one) => one.value !== one.defaultValue || one === document.activeElement);
    if (!document.hidden && !typing) ask(location.pathname, {}, false);
  }, 10000);
})();
`;
