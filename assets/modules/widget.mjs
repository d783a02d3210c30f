// The list of lieux inside the page of another site:
//   <script src="https://…/assets/widget.js" data-territoire="departement:23" data-services="aide-demarches" async></script>
// It writes the list where it stands, in a shadow tree so that neither sheet of styles touches the other, and asks only the
// site it came from. Without scripts, the snippet of /integrer falls back on a frame. Everything it reads is public.
//
// Attributes: data-territoire="region|departement|epci|commune:CODE", data-ou, data-rayon, data-nombre (1 to 50),
// data-titre, data-recherche="non", data-couleur="#0b5c8a", data-theme="clair|sombre|auto", data-niveau="2" (of the title),
// and any list of the search by its name: data-services, data-frais, data-publics, data-ouvert…

const script = document.currentScript;
const OWN = new Set(['territoire', 'titre', 'recherche', 'couleur', 'theme', 'niveau']);

const STYLE = `
:host{display:block;color-scheme:light dark;--couleur:#0b5c8a;--texte:#1e1e1e;--doux:#555;--fond:#fff;--trait:#ddd;font:1rem/1.5 system-ui,sans-serif;color:var(--texte);background:var(--fond)}
:host([data-theme=sombre]){--couleur:#8ec7ee;--texte:#f3f3f3;--doux:#c2c2c2;--fond:#1b1b1d;--trait:#4a4a4a}
@media (prefers-color-scheme:dark){:host([data-theme=auto]){--couleur:#8ec7ee;--texte:#f3f3f3;--doux:#c2c2c2;--fond:#1b1b1d;--trait:#4a4a4a}}
section{padding:1rem;border:1px solid var(--trait)}
.titre{margin:0 0 .75rem;font-size:1.25rem;line-height:1.3;font-weight:700}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:0 0 1rem}
label{display:grid;gap:.25rem;flex:1 1 12rem;font-weight:500}
input{font:inherit;padding:.5rem;min-width:0;color:inherit;background:transparent;border:1px solid var(--doux);border-radius:0}
button{font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1rem;border:1px solid var(--couleur);background:transparent;color:var(--couleur);cursor:pointer}
a{color:var(--couleur);text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--couleur);outline-offset:2px}
ol{list-style:none;margin:0;padding:0}
li{padding:.75rem 0;border-top:1px solid var(--trait)}
p{margin:0}.nom{margin:0;font-size:1.0625rem;font-weight:700}.doux{color:var(--doux)}.etat{font-weight:600}
.pied{border-top:1px solid var(--trait);padding-top:.75rem;font-size:.875rem}
`;

const make = (name, props = {}, ...children) => {
  const node = Object.assign(document.createElement(name), props);
  node.append(...children.filter((child) => child !== null && child !== ''));
  return node;
};

/** What the attributes ask for, as the query of a search. */
function asked({ dataset }) {
  const query = new URLSearchParams();
  const [level, code] = (dataset.territoire ?? '').split(':');
  if (code) query.set(level, code);
  for (const [name, value] of Object.entries(dataset)) {
    if (!OWN.has(name) && value) query.set(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value);
  }
  return query;
}

function card(lieu, level) {
  return make('li', {},
    make(`h${level}`, { className: 'nom' }, make('a', { href: lieu.url, target: '_blank', rel: 'noopener', textContent: lieu.nom })),
    make('p', {}, lieu.adresse, lieu.distance ? make('span', { className: 'doux', textContent: ` – à ${lieu.distance}` }) : null),
    lieu.etat ? make('p', { className: 'etat', textContent: lieu.etat }) : null,
    lieu.services ? make('p', { className: 'doux', textContent: lieu.services }) : null,
    lieu.telephone ? make('p', {}, make('a', { href: `tel:${lieu.telephone}`, textContent: lieu.telephone_lisible })) : null);
}

function start() {
  const base = new URL(script.src).origin;
  const host = make('div');
  script.after(host);
  const { titre = 'Être aidé avec le numérique', couleur, theme = 'clair', recherche, niveau } = script.dataset;
  host.dataset.theme = theme;
  if (couleur && globalThis.CSS?.supports('color', couleur)) host.style.setProperty('--couleur', couleur);
  const level = Math.min(5, Math.max(2, Number(niveau) || 2));
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const fixed = asked(script);

  const status = make('p', { textContent: 'Recherche des lieux…' });
  status.setAttribute('role', 'status');
  const list = make('ol');
  const all = make('a', { href: `${base}/lieux?${fixed}`, target: '_blank', rel: 'noopener', textContent: 'Voir tous les lieux et la carte' });
  const where = make('input', { name: 'ou', autocomplete: 'postal-code', value: fixed.get('ou') ?? '' });
  const form = make('form', {}, make('label', {}, 'Commune ou code postal', where), make('button', { textContent: 'Chercher' }));
  form.setAttribute('role', 'search');
  const section = make('section', {}, make(`h${level}`, { className: 'titre', id: 'titre', textContent: titre }), recherche === 'non' ? null : form, status, list,
    make('p', { className: 'pied' }, all));
  section.setAttribute('aria-labelledby', 'titre');
  root.append(section);

  let request;
  const load = async () => {
    request?.abort();
    const mine = new AbortController();
    request = mine;
    const query = new URLSearchParams(fixed);
    if (where.value.trim()) {
      query.set('ou', where.value.trim());
      for (const name of ['region', 'departement', 'epci', 'commune']) query.delete(name);
    }
    try {
      const response = await fetch(`${base}/integrer/lieux.json?${query}`, { signal: mine.signal, credentials: 'omit' });
      if (!response.ok) throw new Error(String(response.status));
      const { phrase, lieux } = await response.json();
      status.textContent = phrase;
      list.replaceChildren(...lieux.map((lieu) => card(lieu, level + 1)));
      query.delete('nombre');
      all.href = `${base}/lieux?${query}`;
    } catch {
      if (!mine.signal.aborted) status.textContent = 'Les lieux ne peuvent pas s’afficher en ce moment. Suivez le lien ci-dessous.';
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    load();
  });
  load();
}

if (script) start();
