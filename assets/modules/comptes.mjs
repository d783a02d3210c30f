// Live counts: `<form data-comptes="/lieux/compte">`. When a choice changes, the counts in brackets at the end of the labels,
// the buttons `[data-comptes-bouton]` and the sentence `[data-comptes-phrase]` say what the choices would find now. Without
// an answer they stay as they were: the server says the same once the form is sent.

const COUNT = /\([\d\u202f]+\)\s*$/;

function show(form, { bouton, phrase, comptes }) {
  for (const box of form.querySelectorAll('input[type=checkbox]')) {
    const count = comptes[box.name]?.[box.value];
    const text = box.labels[0]?.firstChild;
    if (count !== undefined && text) text.nodeValue = text.nodeValue.replace(COUNT, `(${count})`);
  }
  for (const button of form.querySelectorAll('[data-comptes-bouton]')) button.textContent = bouton;
  for (const status of form.querySelectorAll('[data-comptes-phrase]')) status.textContent = `Avec ces choix : ${phrase}.`;
}

function watch(form) {
  let timer;
  let request;
  const update = async () => {
    request?.abort();
    request = new AbortController();
    try {
      const query = new URLSearchParams(new FormData(form));
      const response = await fetch(`${form.dataset.comptes}?${query}`, { signal: request.signal });
      const data = response.ok ? await response.json() : { total: null };
      if (data.total !== null) show(form, data);
    } catch {
      // A newer choice replaced this one, or the network is away.
    }
  };
  form.addEventListener('change', () => {
    clearTimeout(timer);
    timer = setTimeout(update, 150);
  });
  // What was chosen before this script came, or put back by the browser after a reload, is not announced by an event.
  if ([...form.elements].some((field) => field.type === 'checkbox' && field.checked !== field.defaultChecked)) update();
}

export function start(root) {
  for (const form of root.querySelectorAll('form[data-comptes]')) watch(form);
}
