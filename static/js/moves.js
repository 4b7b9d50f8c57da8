// Beside the stage that a lead shall go to stands only what this move asks for: its reasons, words, the value of the deal. What
// is out of sight is not sent. Without this script all of it stands there, the reasons grouped by stage, and the portal judges.
const groups = new WeakMap(); // the select of reasons → its groups

function show(part, shown) {
  if (!part) return;
  part.hidden = !shown;
  for (const control of part.querySelectorAll('select, textarea, input')) control.disabled = !shown;
}

/** Options that are merely hidden stay in sight on some phones, so the others' groups leave the list. */
function narrow(select, stage) {
  if (!groups.has(select)) groups.set(select, [...select.querySelectorAll('optgroup')]);
  for (const group of groups.get(select)) {
    if (group.dataset.stage === stage) select.append(group);
    else group.remove();
  }
  return select.querySelector('optgroup') !== null;
}

/** Words are needed where no reason of the list says it. */
function needWords(form, needs) {
  const area = form.querySelector('[data-asked=reason] textarea');
  const code = form.querySelector('[data-asked=code] select');
  area.required = needs === 'reason' && (code.disabled || code.value === '');
  area.closest('.field').querySelector('.optional').hidden = area.required;
}

function follow(select) {
  const { form } = select;
  const needs = select.selectedOptions[0]?.dataset.needs ?? '';
  const code = form.querySelector('[data-asked=code]');
  show(form.querySelector('[data-asked=value]'), needs === 'value');
  if (!code) return;
  const asked = needs === 'reason' || needs === 'perhaps';
  show(code, narrow(code.querySelector('select'), select.value) && asked);
  show(form.querySelector('[data-asked=reason]'), asked);
  needWords(form, needs);
}

function enable(area) {
  for (const select of area.querySelectorAll('select[data-moves]')) follow(select);
}

export function enableMoves() {
  document.addEventListener('change', ({ target }) => {
    const select = target.form?.querySelector('select[data-moves]');
    if (select) follow(select);
  });
  document.addEventListener('live:exchanged', ({ target }) => enable(target));
  enable(document);
}
