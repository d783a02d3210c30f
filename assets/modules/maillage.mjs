// The one script of every page. It says that scripts run, folds the menu on a phone, and loads what the page asks for.
// Nothing here is needed to use the product: every page works without it.

document.documentElement.classList.add('m-script');

const button = document.querySelector('.m-menu__bouton');
button?.addEventListener('click', () => {
  button.setAttribute('aria-expanded', String(button.getAttribute('aria-expanded') !== 'true'));
});

// Escape folds the heading, then the menu, and the keyboard is where it was opened.
const headings = document.querySelectorAll('.m-sousmenu');
document.querySelector('.m-menu')?.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const open = event.target.closest?.('.m-sousmenu[open]');
  if (open) {
    open.open = false;
    open.querySelector('summary').focus();
    return;
  }
  if (button?.getAttribute('aria-expanded') !== 'true') return;
  button.setAttribute('aria-expanded', 'false');
  button.focus();
});

// A heading that covers the page folds when one looks elsewhere.
if (headings.length > 0) {
  document.addEventListener('click', (event) => {
    for (const heading of headings) if (!heading.contains(event.target)) heading.open = false;
  });
}

// What was asked for stands far from the button that asked: the reader is brought there.
document.querySelector('[data-focus]')?.focus();

const LOADERS = [
  ['[data-suggestions]', () => import('./suggestions.js')],
  ['form, [data-sommaire]', () => import('./formulaire.js')],
  ['.m-tableau, .fr-table.m-defile', () => import('./tableaux.js')],
  ['[data-comptes]', () => import('./comptes.js')],
  ['[data-autour-de-moi]', () => import('./geolocalisation.js')],
  ['[data-passkey]', () => import('./passkey.js')],
  ['[data-horaires]', () => import('./horaires.js')],
  ['[data-position]', () => import('./position.js')],
  ['[data-carte]', () => import('./carte.js')],
  ['[data-carte-couverture]', () => import('./couverture.js')],
];

for (const [selector, load] of LOADERS) {
  if (document.querySelector(selector)) load().then((module) => module.start?.(document));
}

for (const print of document.querySelectorAll('[data-imprimer]')) print.addEventListener('click', () => window.print());

// « Copier le lien »: the button says that it is done, then becomes itself again.
for (const copy of document.querySelectorAll('[data-copier]')) {
  copy.addEventListener('click', async () => {
    const label = copy.textContent;
    try {
      await navigator.clipboard.writeText(copy.dataset.copier);
      copy.textContent = 'Lien copié';
    } catch {
      copy.textContent = 'Le navigateur refuse : copiez l’adresse de la page';
    }
    copy.setAttribute('aria-live', 'polite');
    setTimeout(() => { copy.textContent = label; }, 3000);
  });
}
