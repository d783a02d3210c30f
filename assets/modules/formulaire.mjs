// Forms: the error summary takes the focus, unsaved changes are not lost by accident, a form leaves only once.

/** What a form holds, as one string, to know whether it changed. Files count by name and size. */
function picture(form) {
  return [...new FormData(form)]
    .map(([name, value]) => `${name}=${value instanceof File ? `${value.name}:${value.size}` : value}`)
    .join('\n');
}

function watchChanges(form) {
  const before = picture(form);
  let leaving = false;
  form.addEventListener('submit', () => { leaving = true; });
  window.addEventListener('beforeunload', (event) => {
    if (!leaving && picture(form) !== before) event.preventDefault();
  });
}

/** A second click while the first answer is on its way does nothing. Coming back by the history frees the form. */
function sendOnce(form) {
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.envoi === 'en-cours') {
      event.preventDefault();
      return;
    }
    form.dataset.envoi = 'en-cours';
    // Not `disabled`: the clicked button's own name and value have to be sent.
    for (const button of form.querySelectorAll('button:not([type=button])')) button.setAttribute('aria-disabled', 'true');
    // A form that answers by a download never leaves the page.
    setTimeout(() => release(form), 8000);
  });
}

function release(form) {
  delete form.dataset.envoi;
  for (const button of form.querySelectorAll('button[aria-disabled=true]')) button.removeAttribute('aria-disabled');
}

export function start(root) {
  const summary = root.querySelector('[data-sommaire]');
  if (summary) {
    if (!summary.hasAttribute('tabindex')) summary.tabIndex = -1;
    summary.focus();
    // The link of an error leads into the field, not only near it.
    summary.addEventListener('click', (event) => {
      const id = event.target.closest('a')?.hash?.slice(1);
      const field = id && root.getElementById(id);
      if (!field) return;
      event.preventDefault();
      field.scrollIntoView({ block: 'center' });
      field.focus();
    });
  }
  for (const form of root.querySelectorAll('form')) {
    if (form.hasAttribute('data-avertir')) watchChanges(form);
    if (form.method === 'post') sendOnce(form);
  }
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) for (const form of root.querySelectorAll('form[data-envoi]')) release(form);
  });
}
