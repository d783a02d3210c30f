// The editor of hours: every button sends the form and gets it back changed. With scripts the page stays in place: only
// the form is replaced, the focus goes where the change is, and the result follows what is typed. Without them the same
// buttons load the same page.

const PREVIEW_DELAY = 700;

class Editor {
  constructor(form) {
    this.form = form;
    this.listen();
  }

  listen() {
    this.form.addEventListener('submit', (event) => this.submit(event));
    this.form.addEventListener('change', () => this.later());
    // The season's dates, or none, follow the kind of week.
    for (const select of this.form.querySelectorAll('select[name$="_quand"]')) {
      select.addEventListener('change', () => this.send('rafraichir', select.id));
    }
  }

  submit(event) {
    const button = event.submitter;
    if (!button || button.value === 'enregistrer') return;
    event.preventDefault();
    const target = button.getAttribute('formaction')?.slice(1);
    this.send(button.value, target);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.preview(), PREVIEW_DELAY);
  }

  async ask(what) {
    this.request?.abort();
    this.request = new AbortController();
    const body = new URLSearchParams(new FormData(this.form));
    body.set('faire', what);
    const response = await fetch(this.form.action, { method: 'POST', body, signal: this.request.signal });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const form = page.querySelector('[data-horaires]');
    if (!form) throw new Error(`réponse ${response.status}`);
    return { page, form };
  }

  /** Replaces the form, and brings the keyboard where the change is. */
  async send(what, target) {
    clearTimeout(this.timer);
    try {
      const { page, form } = await this.ask(what);
      const main = this.form.closest('main');
      const fresh = page.querySelector('main');
      if (!main || !fresh) throw new Error('page sans contenu');
      main.replaceChildren(...fresh.childNodes);
      new Editor(form.isConnected ? form : main.querySelector('[data-horaires]'));
      const summary = main.querySelector('[data-sommaire]');
      const zone = summary ?? (target && main.querySelector(`#${CSS.escape(target)}`));
      const field = summary ? null : zone?.querySelector?.('.m-creneau:last-of-type input');
      (field ?? zone)?.focus({ preventScroll: false });
    } catch (error) {
      if (error.name !== 'AbortError') this.form.submit();
    }
  }

  /** The result beside what is typed; silent while something is still wrong. */
  async preview() {
    try {
      const { page, form } = await this.ask('apercu');
      if (page.querySelector('[data-sommaire]')) return;
      for (const selector of ['#resultat', '.m-actions']) {
        const [old, fresh] = [this.form.querySelector(selector), form.querySelector(selector)];
        if (old && fresh) old.replaceChildren(...fresh.childNodes);
      }
      this.form.elements.vu.value = form.elements.vu.value;
    } catch (error) {
      if (error.name !== 'AbortError') console.warn(`Horaires : ${error.message}`);
    }
  }
}

export function start(root) {
  for (const form of root.querySelectorAll('[data-horaires]')) new Editor(form);
}
