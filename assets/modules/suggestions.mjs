// Suggestions under a text field, after the ARIA combobox pattern with a list. The field stays a plain field: what is
// typed is what is sent, and a chosen suggestion only writes its value there. The service answers `[{"libelle","valeur","detail"}]`.

const DELAY = 180;
const LEAST = 2;
let count = 0;

class Suggestions {
  constructor(input) {
    this.input = input;
    this.items = [];
    this.active = -1;
    this.build();
    input.addEventListener('input', () => this.typed());
    input.addEventListener('keydown', (event) => this.key(event));
    input.addEventListener('blur', () => setTimeout(() => this.close(), 120));
    // Without this the list of the browser lies over ours.
    input.autocomplete = 'off';
  }

  build() {
    count += 1;
    const id = `suggestions-${count}`;
    this.list = document.createElement('ul');
    this.list.id = id;
    this.list.className = 'm-suggestions__liste';
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', 'Suggestions');
    this.list.hidden = true;
    // Keep the focus in the field while the pointer is on the list, its scroll bar included.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => {
      const option = event.target.closest('[role=option]');
      if (option) this.choose(Number(option.dataset.rang));
    });
    this.status = document.createElement('p');
    this.status.className = 'fr-sr-only';
    this.status.setAttribute('role', 'status');
    const holder = this.input.closest('.m-suggestions') ?? this.input.parentElement;
    holder.classList.add('m-suggestions');
    holder.append(this.list, this.status);
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-controls', id], ['aria-expanded', 'false']]) {
      this.input.setAttribute(name, value);
    }
  }

  typed() {
    clearTimeout(this.timer);
    this.request?.abort();
    const text = this.input.value.trim();
    if (text.length < LEAST) return this.close();
    this.timer = setTimeout(() => this.ask(text), DELAY);
    return undefined;
  }

  async ask(text) {
    this.request = new AbortController();
    try {
      const url = new URL(this.input.dataset.suggestions, location.href);
      url.searchParams.set('q', text);
      const response = await fetch(url, {
        headers: { accept: 'application/json' },
        signal: this.request.signal,
      });
      if (!response.ok) return this.close();
      const items = await response.json();
      if (document.activeElement === this.input) this.show(Array.isArray(items) ? items.slice(0, 12) : []);
    } catch (error) {
      // A service that does not answer leaves a plain field.
      if (error.name !== 'AbortError') this.close();
    }
    return undefined;
  }

  show(items) {
    this.items = items;
    this.active = -1;
    this.list.replaceChildren(...items.map((item, rank) => this.option(item, rank)));
    this.list.hidden = items.length === 0;
    this.input.setAttribute('aria-expanded', String(items.length > 0));
    this.input.removeAttribute('aria-activedescendant');
    if (items.length === 0) this.status.textContent = 'Aucune suggestion.';
    else this.status.textContent = items.length === 1 ? 'Une suggestion. Flèche bas pour la choisir.' : `${items.length} suggestions. Flèche bas pour choisir.`;
  }

  option(item, rank) {
    const option = document.createElement('li');
    option.id = `${this.list.id}-${rank}`;
    option.dataset.rang = rank;
    option.setAttribute('role', 'option');
    option.setAttribute('aria-selected', 'false');
    option.append(Object.assign(document.createElement('span'), { textContent: item.libelle }));
    if (item.detail) option.append(Object.assign(document.createElement('span'), { className: 'm-suggestions__detail', textContent: item.detail }));
    return option;
  }

  key(event) {
    const open = !this.list.hidden;
    const last = this.items.length - 1;
    if (event.key === 'ArrowDown' && open) this.move(this.active === last ? 0 : this.active + 1);
    else if (event.key === 'ArrowDown') return this.typed();
    else if (event.key === 'ArrowUp' && open) this.move(this.active <= 0 ? last : this.active - 1);
    else if (event.key === 'Enter' && open && this.active >= 0) this.choose(this.active);
    else if (event.key === 'Escape' && open) this.close();
    else return undefined;
    event.preventDefault();
    return undefined;
  }

  move(rank) {
    this.active = rank;
    for (const [index, option] of [...this.list.children].entries()) {
      option.setAttribute('aria-selected', String(index === rank));
      if (index === rank) option.scrollIntoView({ block: 'nearest' });
    }
    this.input.setAttribute('aria-activedescendant', `${this.list.id}-${rank}`);
  }

  choose(rank) {
    const item = this.items[rank];
    if (!item) return;
    this.input.value = item.valeur ?? item.libelle;
    this.close();
    this.input.focus();
    this.input.dispatchEvent(new CustomEvent('suggestion', { bubbles: true, detail: item }));
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
    this.status.textContent = '';
  }
}

export function start(root) {
  for (const input of root.querySelectorAll('input[data-suggestions]')) new Suggestions(input);
}
