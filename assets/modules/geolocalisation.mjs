// « Autour de moi »: `<button type="button" data-autour-de-moi>` in a form whose field of place has suggestions. The position is rounded to 3 decimals
// (about 100 m: enough to find a lieu, not to tell a home), written into the fields `lat` and `lon`, and the form is sent.

const MESSAGES = {
  1: 'Votre navigateur ne nous donne pas votre position. Indiquez votre commune ou votre code postal.',
  2: 'Votre position est introuvable pour le moment. Indiquez votre commune ou votre code postal.',
  3: 'La recherche de votre position prend trop de temps. Indiquez votre commune ou votre code postal.',
};

function field(form, name) {
  let input = form.elements.namedItem(name);
  if (!input) {
    input = Object.assign(document.createElement('input'), { type: 'hidden', name });
    form.append(input);
  }
  return input;
}

function prepare(button) {
  const form = button.form ?? document.getElementById(button.dataset.formulaire) ?? document.querySelector('form[role=search]');
  if (!form || !('geolocation' in navigator)) {
    button.hidden = true;
    return;
  }
  const message = Object.assign(document.createElement('p'), { className: 'm-message' });
  message.setAttribute('role', 'status');
  button.after(message);
  const place = form.querySelector('input[data-suggestions]');
  button.addEventListener('click', () => {
    message.className = 'm-message';
    message.textContent = 'Recherche de votre position…';
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field(form, 'lat').value = coords.latitude.toFixed(3);
        field(form, 'lon').value = coords.longitude.toFixed(3);
        if (place) place.value = '';
        message.textContent = '';
        form.requestSubmit();
      },
      (error) => {
        message.className = 'm-message m-message--erreur';
        message.textContent = MESSAGES[error.code] ?? MESSAGES[2];
        place?.focus();
      },
      { enableHighAccuracy: false, timeout: 10_000, maximumAge: 300_000 },
    );
  });
  // A commune typed afterwards replaces the position.
  place?.addEventListener('input', () => {
    for (const name of ['lat', 'lon']) {
      const input = form.elements.namedItem(name);
      if (input) input.value = '';
    }
  });
}

export function start(root) {
  for (const button of root.querySelectorAll('[data-autour-de-moi]')) prepare(button);
}
