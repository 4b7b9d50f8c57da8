// The search field in the top bar suggests while one types. htmx fetches the suggestions; here they become a combobox with a
// list (ARIA Authoring Practices 1.2): the focus stays in the field, arrow keys go through the options, Enter opens one,
// Escape closes. Without an option Enter sends the form, as it does without JavaScript.
let field;
let list;

function options() {
  return [...list.querySelectorAll('[role="option"]')];
}

function current() {
  return list.querySelector('[aria-selected="true"]');
}

function select(option) {
  current()?.setAttribute('aria-selected', 'false');
  if (!option) {
    field.removeAttribute('aria-activedescendant');
    return;
  }
  option.setAttribute('aria-selected', 'true');
  option.scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', option.id);
}

function open() {
  const any = options().length > 0 && field.value.trim() !== '' && document.activeElement === field;
  list.hidden = !any;
  field.setAttribute('aria-expanded', String(any));
  if (!any) select(null);
}

function close() {
  list.hidden = true;
  field.setAttribute('aria-expanded', 'false');
  select(null);
}

/** The option so many further on; past either end is the field itself. */
function step(by) {
  const all = [null, ...options()];
  const at = all.indexOf(current());
  select(all[(at + by + all.length) % all.length]);
}

function onKey(event) {
  const shown = !list.hidden;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    if (!shown) open();
    else step(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === 'Enter' && shown && current()) {
    current().click();
  } else if (event.key === 'Escape' && shown) {
    close();
  } else {
    return;
  }
  event.preventDefault();
}

export function enableSearch() {
  field = document.getElementById('search');
  list = document.getElementById('search-list');
  if (!field || !list) return;
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })) {
    field.setAttribute(name, value);
  }
  field.addEventListener('keydown', onKey);
  field.addEventListener('focus', open);
  field.addEventListener('input', () => {
    if (field.value.trim() === '') close();
  });
  list.addEventListener('htmx:afterSwap', open);
  list.addEventListener('mousedown', (event) => event.preventDefault()); // the focus stays in the field
  field.addEventListener('blur', close);
}
