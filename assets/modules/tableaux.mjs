// Wide tables on a narrow screen: a sentence above says that there is more to the side, and goes when everything shows.

const SENTENCE = 'Faites défiler le tableau de côté pour tout lire.';

function watch(box) {
  const hint = Object.assign(document.createElement('p'), { className: 'm-tableau__indice m-sans-impression', textContent: SENTENCE, hidden: true });
  box.before(hint);
  const look = () => { hint.hidden = box.scrollWidth <= box.clientWidth + 1; };
  new ResizeObserver(look).observe(box);
  look();
}

export function start(root) {
  for (const box of root.querySelectorAll('.m-tableau, .fr-table.m-defile')) watch(box);
}
