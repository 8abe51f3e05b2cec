// grid.js -- tables of inputs, like a spreadsheet's: arrow keys move, and what was copied from one is
// pasted over as many cells as it has.
const cells = row => [...row.querySelectorAll('input.grid-cell')];
const rows = table => [...table.querySelectorAll('tr')].filter(r => cells(r).length);

function at(input) {
  const table = input.closest('[data-grid]'), row = input.closest('tr');
  return { all: rows(table), y: rows(table).indexOf(row), x: cells(row).indexOf(input) };
}

function go(event, input, y, x) {
  const { all } = at(input), target = all[y] && cells(all[y])[x];
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.select();
}

document.addEventListener('keydown', event => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.matches('[data-grid] .grid-cell') || event.altKey || event.ctrlKey || event.metaKey) return;
  const { y, x } = at(input), all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  if (event.key === 'ArrowDown') go(event, input, y + 1, x);
  else if (event.key === 'ArrowUp') go(event, input, y - 1, x);
  else if (event.key === 'ArrowLeft' && (all || input.selectionEnd === 0)) go(event, input, y, x - 1);
  else if (event.key === 'ArrowRight' && (all || input.selectionStart === input.value.length)) go(event, input, y, x + 1);
});

document.addEventListener('paste', event => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.matches('[data-grid] .grid-cell')) return;
  const text = event.clipboardData?.getData('text') ?? '';
  if (!/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const { all, y, x } = at(input);
  text.replace(/\r/g, '').replace(/\n$/, '').split('\n').forEach((line, dy) => line.split('\t').forEach((value, dx) => {
    const cell = all[y + dy] && cells(all[y + dy])[x + dx];
    if (!cell) return;
    cell.value = value.trim();
    cell.dispatchEvent(new Event('input', { bubbles: true }));
  }));
});
