// Passkeys (WebAuthn). `<button type="button" data-passkey="creer|utiliser" data-debut="/…" data-fin="/…">`: the options
// come as JSON from a POST to `data-debut` (with the fields of the form, if the button stands in one), the answer of the
// authenticator goes as JSON to `data-fin`, which answers `{"suite": "/page"}` or `{"message": "…"}`.

const decode = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

/** Errors of the browser, as sentences. The names are those of the WebAuthn specification. */
const SENTENCES = {
  NotAllowedError: 'La clé d’accès n’a pas été utilisée : la demande a été annulée ou le délai est passé. Vous pouvez recommencer.',
  InvalidStateError: 'Cet appareil a déjà une clé d’accès pour votre compte.',
  NotSupportedError: 'Cet appareil ne sait pas créer de clé d’accès. Utilisez votre mot de passe.',
  SecurityError: 'L’adresse de ce site ne permet pas les clés d’accès. Prévenez la personne qui administre ce service.',
  ConstraintError: 'Cet appareil ne peut pas vérifier que c’est bien vous. Activez son code ou son empreinte, puis recommencez.',
  AbortError: 'La demande a été interrompue. Vous pouvez recommencer.',
};

function creationOptions(json) {
  const options = json.publicKey ?? json;
  return {
    ...options,
    challenge: decode(options.challenge),
    user: { ...options.user, id: decode(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map((key) => ({ ...key, id: decode(key.id) })),
  };
}

function requestOptions(json) {
  const options = json.publicKey ?? json;
  return {
    ...options,
    challenge: decode(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map((key) => ({ ...key, id: decode(key.id) })),
  };
}

function answer(credential) {
  const { response } = credential;
  const result = {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    extensions: credential.getClientExtensionResults(),
    response: { clientDataJSON: encode(response.clientDataJSON) },
  };
  if (response.attestationObject) {
    result.response.attestationObject = encode(response.attestationObject);
    result.response.transports = response.getTransports?.() ?? [];
  } else {
    result.response.authenticatorData = encode(response.authenticatorData);
    result.response.signature = encode(response.signature);
    result.response.userHandle = response.userHandle ? encode(response.userHandle) : null;
  }
  return result;
}

async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const json = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error('refused'), { sentence: json.message });
  return json;
}

async function run(button, say) {
  const { passkey, debut, fin } = button.dataset;
  const fields = button.form ? Object.fromEntries(new FormData(button.form)) : {};
  const options = await post(debut, fields);
  const credential = passkey === 'creer'
    ? await navigator.credentials.create({ publicKey: creationOptions(options) })
    : await navigator.credentials.get({ publicKey: requestOptions(options) });
  if (!credential) throw new DOMException('', 'NotAllowedError');
  const { suite, message } = await post(fin, { ...answer(credential), ...(passkey === 'creer' && fields.nom ? { nom: fields.nom } : {}) });
  say(message ?? '', false);
  if (!suite) return;
  // Only a path of this site.
  if (new URL(suite, location.href).origin !== location.origin) throw new Error('elsewhere');
  location.assign(suite);
}

function prepare(button) {
  const message = Object.assign(document.createElement('p'), { className: 'm-message' });
  message.setAttribute('role', 'status');
  button.after(message);
  const say = (text, isError) => {
    message.className = isError ? 'm-message m-message--erreur' : 'm-message';
    message.textContent = text;
  };
  if (!window.PublicKeyCredential) {
    button.hidden = true;
    say('Ce navigateur ne connaît pas les clés d’accès. Utilisez votre mot de passe.', false);
    return;
  }
  let busy = false;
  button.addEventListener('click', async () => {
    if (busy) return;
    busy = true;
    say('Suivez ce que votre appareil demande…', false);
    try {
      await run(button, say);
    } catch (error) {
      say(error.sentence ?? SENTENCES[error.name] ?? 'La clé d’accès n’a pas pu être vérifiée. Recommencez, ou utilisez votre mot de passe.', true);
    } finally {
      busy = false;
    }
  });
}

export function start(root) {
  for (const button of root.querySelectorAll('[data-passkey]')) prepare(button);
}
