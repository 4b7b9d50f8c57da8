// Courtesies of forms: what the browser finds wrong is said beside the field in the form's own look, a
// refused form starts at its error summary, nothing is sent twice, typed text isn't lost by accident,
// passwords can be looked at.
import { keepPending } from './pending.js';

/** The paragraph under a field that holds its error; made when the server sent none. */
function errorOf(control) {
  const field = control.closest('.field');
  let error = field.querySelector(':scope > .error');
  if (!error) {
    error = document.createElement('p');
    error.className = 'error';
    error.id = `${control.id}-error`;
    field.append(error);
  }
  return error;
}

function describe(control, id, on) {
  const ids = new Set((control.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean));
  if (on) ids.add(id);
  else ids.delete(id);
  if (ids.size) control.setAttribute('aria-describedby', [...ids].join(' '));
  else control.removeAttribute('aria-describedby');
}

function showError(event) {
  const control = event.target;
  if (!control.closest('.field') || !control.id) return;
  event.preventDefault();
  const error = errorOf(control);
  error.textContent = control.validationMessage;
  control.setAttribute('aria-invalid', 'true');
  describe(control, error.id, true);
  const first = control.form.querySelector(':invalid:not(fieldset)');
  if (control === first) control.focus();
}

function clearError(event) {
  const control = event.target;
  if (control.getAttribute?.('aria-invalid') !== 'true' || !control.validity?.valid) return;
  const error = control.closest('.field')?.querySelector(':scope > .error');
  control.removeAttribute('aria-invalid');
  if (error) {
    describe(control, error.id, false);
    error.remove();
  }
}

/** Without a connection the browser would put an error page in the place of what was typed. */
function holdBackOffline(event) {
  const form = event.target;
  if (event.defaultPrevented || navigator.onLine || form.method !== 'post') return;
  event.preventDefault();
  forgetOffline();
  if (!event.submitter?.hasAttribute('formaction') && keepPending(form)) return;
  const note = document.createElement('p');
  note.className = 'error';
  note.setAttribute('role', 'alert');
  note.dataset.offlineNote = '';
  note.textContent = document.getElementById('live').dataset.offline;
  const button = event.submitter ?? form.querySelector('[type=submit]');
  (button?.closest('.form-actions') ?? button ?? form.lastElementChild).after(note);
}

function forgetOffline() {
  for (const note of document.querySelectorAll('[data-offline-note]')) note.remove();
}

/** A second click on "Send" while the first is on its way does nothing. */
function guardDoubleSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = 'true';
  form.dataset.changed = '';
  event.submitter?.setAttribute('aria-busy', 'true');
}

/** Back from the next page the form is usable again (the browser may have kept the page as it was). */
function releaseForms() {
  for (const form of document.querySelectorAll('form[data-sending]')) delete form.dataset.sending;
  for (const button of document.querySelectorAll('form [aria-busy]')) button.removeAttribute('aria-busy');
}

function noteChange(event) {
  const form = event.target.form;
  if (form && 'keep' in form.dataset) form.dataset.changed = 'true';
}

/**
 * Files that the server would refuse for their size or number are not sent at all: data-max-size in bytes with
 * data-max-message, data-max-count with data-count-message.
 */
function checkFiles(event) {
  const input = event.target;
  if (!input.files || !('maxSize' in input.dataset || 'maxCount' in input.dataset)) return;
  const { maxSize = Infinity, maxMessage, maxCount = Infinity, countMessage } = input.dataset;
  const large = [...input.files].some((file) => file.size > Number(maxSize));
  const many = input.files.length > Number(maxCount);
  input.setCustomValidity(many ? countMessage : large ? maxMessage : '');
  if (many || large) input.reportValidity();
  else clearError(event);
}

function warnBeforeLeaving(event) {
  if (document.querySelector('form[data-keep][data-changed="true"]')) event.preventDefault();
}

function focusErrorSummary() {
  document.querySelector('[data-form-errors]')?.focus();
}

function revealPassword(event) {
  const button = event.target.closest('[data-reveal]');
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === 'text';
  input.type = shown ? 'password' : 'text';
  button.setAttribute('aria-pressed', String(!shown));
}

export function enableForms() {
  document.addEventListener('invalid', showError, true);
  document.addEventListener('input', clearError);
  document.addEventListener('input', noteChange);
  document.addEventListener('change', checkFiles);
  document.addEventListener('submit', holdBackOffline);
  document.addEventListener('submit', guardDoubleSubmit);
  document.addEventListener('click', revealPassword);
  addEventListener('pageshow', releaseForms);
  addEventListener('online', forgetOffline);
  addEventListener('beforeunload', warnBeforeLeaving);
  focusErrorSummary();
}
