// combo.js -- a <select data-combo="URL"> becomes a field one types into, finding any record; an
// <input data-tags> becomes chips. Both keep their original control, which is what is posted.
import { $$, el, icon } from './dom.js';

let number = 0;

/* The tree of kit/search as one list of { id, text, hint }. */
const flat = (tree) => (tree.groups ?? []).flatMap((group) => group.results ?? []);

class Combo {
  constructor(select) {
    this.select = select;
    this.at = -1;
    this.listId = `combo-${number += 1}`;
    this.input = el('input', {
      class: 'input', id: select.id, type: 'text', role: 'combobox', autocomplete: 'off', 'aria-expanded': 'false',
      'aria-controls': this.listId, 'aria-autocomplete': 'list',
      'aria-describedby': select.getAttribute('aria-describedby'),
      'aria-invalid': select.getAttribute('aria-invalid'),
    });
    this.input.value = this.chosen();
    this.list = el('ul', { class: 'combo-list', id: this.listId, role: 'listbox', hidden: '' });
    select.removeAttribute('id');
    select.hidden = true;
    select.required = false;
    const box = el('span', { class: 'combo' });
    select.before(box);
    box.append(this.input, this.list, select);
    this.input.addEventListener('focus', () => this.input.select());
    this.input.addEventListener('input', () => this.later());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.input.addEventListener('click', () => this.show(this.own('')));
    this.input.addEventListener('blur', () => setTimeout(() => this.leave(), 120));
    this.list.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const row = event.target.closest('li');
      if (row) this.choose(this.rows[$$('li', this.list).indexOf(row)]);
    });
  }

  chosen() { return this.select.selectedOptions[0]?.textContent.trim() ?? ''; }

  own(words) {
    const low = words.toLowerCase();
    return [...this.select.options].map((o) => ({ id: o.value, text: o.textContent.trim(), hint: '' }))
      .filter((row) => row.text.toLowerCase().includes(low));
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(this.input.value.trim()), 120);
  }

  /* What is found after something was chosen, or for words that have changed since, opens nothing. */
  async search(words) {
    const url = this.select.dataset.combo;
    this.asked = words;
    if (!words || !url) return this.show(this.own(words));
    try {
      const address = new URL(url, location.href);
      address.searchParams.set('q', words);
      const answer = await fetch(address, { headers: { Accept: 'application/json' } });
      const found = flat(await answer.json());
      return this.asked === words && this.show(found.length ? found : this.own(words));
    } catch {
      return this.asked === words && this.show(this.own(words));
    }
  }

  show(rows) {
    this.rows = rows.slice(0, 30);
    this.list.replaceChildren(...this.rows.map((row) => el('li', { role: 'option' }, row.text || 'None',
      el('span', { class: 'soft' }, row.hint ?? ''))));
    if (!this.rows.length) {
      this.list.append(el('li', { class: 'soft', 'aria-disabled': 'true' }, 'Nothing by that name'));
    }
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.mark(this.rows.length && this.input.value ? 0 : -1);
  }

  mark(index) {
    this.at = index;
    $$('li', this.list).forEach((row, i) => {
      row.classList.toggle('is-at', i === index);
      row.setAttribute('aria-selected', String(i === index));
      row.id = `${this.listId}-${i}`;
      if (i === index) row.scrollIntoView({ block: 'nearest' });
    });
    this.input.setAttribute('aria-activedescendant', index < 0 ? '' : `${this.listId}-${index}`);
  }

  key(event) {
    const count = this.rows?.length ?? 0;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (this.list.hidden) this.show(this.own(''));
      else if (count) this.mark((this.at + (event.key === 'ArrowDown' ? 1 : -1) + count) % count);
    } else if (event.key === 'Enter' && !this.list.hidden && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (this.rows[this.at]) this.choose(this.rows[this.at]);
    } else if (event.key === 'Escape' && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    }
  }

  choose(row) {
    clearTimeout(this.timer);
    this.asked = null;
    let option = [...this.select.options].find((o) => o.value === row.id);
    if (!option) {
      option = el('option', { value: row.id }, row.text);
      this.select.append(option);
    }
    option.selected = true;
    this.input.value = row.text;
    this.select.dispatchEvent(new Event('change', { bubbles: true }));
    this.close();
  }

  /* Text that names nothing is put back to what is chosen; an emptied field chooses nothing. */
  leave() {
    if (!this.input.value.trim()) {
      const none = [...this.select.options].find((o) => o.value === '');
      if (none) none.selected = true;
    }
    this.input.value = this.chosen();
    this.close();
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }
}

class Tags {
  constructor(input) {
    this.original = input;
    this.entry = el('input', {
      class: 'tags-entry', id: input.id, type: 'text', autocomplete: 'off',
      'aria-describedby': input.getAttribute('aria-describedby'),
    });
    this.box = el('span', { class: 'input tags-box' }, this.entry);
    input.removeAttribute('id');
    input.type = 'hidden';
    input.after(this.box);
    this.words = input.value.split(',').map((w) => w.trim()).filter(Boolean);
    this.draw();
    this.entry.addEventListener('keydown', (event) => {
      if ((event.key === 'Enter' && !event.ctrlKey && this.entry.value.trim()) || event.key === ',') {
        event.preventDefault();
        this.take();
      } else if (event.key === 'Backspace' && !this.entry.value) {
        this.words.pop();
        this.draw();
      }
    });
    this.entry.addEventListener('blur', () => this.take());
    this.box.addEventListener('click', () => this.entry.focus());
  }

  take() {
    for (const word of this.entry.value.split(',').map((w) => w.trim())) {
      if (word && !this.words.includes(word)) this.words.push(word);
    }
    this.entry.value = '';
    this.draw();
  }

  draw() {
    this.original.value = this.words.join(', ');
    $$('.tag', this.box).forEach((chip) => chip.remove());
    for (const word of this.words) {
      const remove = el('button', { type: 'button', class: 'tag-x', 'aria-label': `Remove ${word}` }, icon('x'));
      remove.addEventListener('click', () => {
        this.words = this.words.filter((other) => other !== word);
        this.draw();
        this.original.dispatchEvent(new Event('input', { bubbles: true }));
      });
      this.entry.before(el('span', { class: 'tag' }, word, remove));
    }
  }
}

/* In root, and root itself: what htmx puts in may be the control alone. */
const within = (selector, root) => [...(root.matches?.(selector) ? [root] : []), ...$$(selector, root)];

function upgrade(root) {
  for (const select of within('select[data-combo]:not([hidden])', root)) new Combo(select);
  for (const input of within('input[data-tags]:not([type=hidden])', root)) new Tags(input);
}
upgrade(document);
document.body.addEventListener('htmx:load', (event) => upgrade(event.detail.elt));
