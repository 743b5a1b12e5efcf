// Forms that a passkey fills in; nothing else needs a script.
'use strict';

const toText = buffer => {
  let bytes = '';
  for (const byte of new Uint8Array(buffer)) bytes += String.fromCharCode(byte);
  return btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};

const toBytes = text => Uint8Array.from(
  atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));

// The kinds of keys that the server takes, in its order: ES256, EdDSA, RS256.
const kinds = [-7, -8, -257].map(alg => ({ type: 'public-key', alg }));

const create = async form => {
  const button = form.querySelector('button');
  const credential = await navigator.credentials.create({ publicKey: {
    rp: { id: form.dataset.rp, name: document.title },
    user: { id: new TextEncoder().encode(button.dataset.user),
      name: button.dataset.name, displayName: button.dataset.name },
    challenge: toBytes(form.dataset.challenge),
    pubKeyCredParams: kinds,
    attestation: form.dataset.attestation,
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true,
      userVerification: 'required' } } });
  const answer = credential.response;
  form.elements.attestation.value = toText(answer.attestationObject);
  form.elements.client_data.value = toText(answer.clientDataJSON);
  form.elements.transports.value =
    answer.getTransports ? answer.getTransports().join(' ') : '';
};

const get = async form => {
  const credential = await navigator.credentials.get({ publicKey: {
    rpId: form.dataset.rp,
    challenge: toBytes(form.dataset.challenge),
    userVerification: 'required' } });
  const answer = credential.response;
  form.elements.credential.value = toText(credential.rawId);
  form.elements.client_data.value = toText(answer.clientDataJSON);
  form.elements.authenticator_data.value = toText(answer.authenticatorData);
  form.elements.signature.value = toText(answer.signature);
};

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const failed = form.querySelector('[data-failed]');
  form.addEventListener('submit', async event => {
    event.preventDefault();
    failed.hidden = true;
    try {
      await (form.dataset.passkey === 'create' ? create(form) : get(form));
      form.submit();
    } catch (error) {
      failed.hidden = false;
      failed.focus();
    }
  });
}

// An invitation's token stands behind the '#' of its link, which is sent to
// nobody; it leaves the address before anything else happens.
for (const form of document.querySelectorAll('form[data-fragment]')) {
  const field = form.elements[form.dataset.fragment];
  if (location.hash.length > 1) {
    field.value = location.hash.slice(1);
    history.replaceState(null, '', location.pathname + location.search);
  }
  (field.value ? form.elements.secret : field).focus();
}
