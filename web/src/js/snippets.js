// In an editor of mails ";name" and a space becomes the snippet of that name, filled in for the contact; Esc puts it back.
import { on } from './dom.js';

let last = null;

async function expand(area) {
  const at = area.selectionStart;
  const found = /(?:^|\s);([a-z0-9-]{1,40})[ \n]$/.exec(area.value.slice(0, at));
  if (!found) return;
  const answer = await fetch(`${area.dataset.snippets}?name=${encodeURIComponent(found[1])}`, { headers: { Accept: 'application/json' } });
  if (!answer.ok || area.selectionStart !== at) return;
  const { text } = await answer.json();
  const from = at - found[1].length - 2;
  last = { area, value: area.value, at };
  area.setRangeText(`${text} `, from, at, 'end');
  area.dispatchEvent(new Event('change', { bubbles: true }));
}

on('input', 'textarea[data-snippets]', (event, area) => {
  if (event.inputType !== 'deleteContentBackward') expand(area);
});
on('keydown', 'textarea[data-snippets]', (event, area) => {
  if (event.key !== 'Escape' || last?.area !== area) return;
  event.preventDefault();
  area.value = last.value;
  area.setSelectionRange(last.at, last.at);
  last = null;
});
