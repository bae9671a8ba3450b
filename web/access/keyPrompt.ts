import { h } from '../shared/element.ts';

/** What the dialog is made of. */
function build() {
  const key = h('input', {
    type: 'password',
    id: 'access-key',
    class: 'input',
    autocomplete: 'current-password',
    required: true,
    spellcheck: 'false',
    'aria-describedby': 'access-error',
  });
  const error = h('p', { id: 'access-error', class: 'status error', role: 'alert' });
  const submit = h('button', { type: 'submit', class: 'button primary' }, 'Continue');
  const form = h(
    'form',
    { class: 'form' },
    h('h2', { id: 'access-title' }, 'This server asks for a key'),
    h('p', { class: 'tip' }, 'Whoever runs it can give you one. This browser asks for it once.'),
    // Password managers keep a password for a name.
    h('input', { type: 'text', name: 'username', value: 'siglip2', autocomplete: 'username', hidden: true }),
    h('label', { class: 'field', for: 'access-key' }, 'Key'),
    key,
    error,
    h('div', { class: 'actions' }, submit),
  );
  const dialog = h('dialog', { class: 'access', 'aria-labelledby': 'access-title' }, form);
  return { dialog, form, key, error, submit };
}

/**
 * Asks a person for the server's key until it is right.
 * @param login gives the key to the server; what it throws says what is wrong with the key
 * @returns whether there is a key now: not where the person closes the dialog
 */
export function askForKey(login: (key: string) => Promise<unknown>): Promise<boolean> {
  const { dialog, form, key, error, submit } = build();
  let isKnown = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    error.textContent = '';
    try {
      await login(key.value.trim());
      isKnown = true;
      dialog.close();
    } catch (wrong) {
      error.textContent = wrong instanceof Error ? wrong.message : String(wrong);
      key.setAttribute('aria-invalid', 'true');
      key.focus();
      key.select();
    } finally {
      submit.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(isKnown);
    });
  });
}
