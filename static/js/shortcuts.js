// Keyboard shortcuts. Each stands on an element of the page, so a shortcut exists exactly where its
// target does: data-shortcut="n" on the "New lead" button, "g l" on the navigation's link to leads.
// "/" goes to the search over everything, "f" to the search of a list, "?" lists what there is.
const SEQUENCE_MS = 1000;

// Navigation links get theirs from their address.
const PLACES = {
  '/dashboard': 'g d',
  '/leads': 'g l',
  '/messages': 'g m',
  '/commissions': 'g c',
  '/training': 'g t',
  '/assets': 'g a',
  '/admin/partners': 'g p',
};

let pending = '';
let pendingSince = 0;

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function activate(element) {
  if (element.matches('input')) {
    element.focus();
    element.select();
  } else {
    element.click();
  }
}

/** Shortcut to element, for what is on this page now. The first element with a shortcut has it. */
function available() {
  const found = new Map();
  for (const element of document.querySelectorAll('[data-shortcut]')) {
    if (!found.has(element.dataset.shortcut)) found.set(element.dataset.shortcut, element);
  }
  return found;
}

function nameNavigation() {
  for (const link of document.querySelectorAll('.sidenav-link')) {
    const keys = PLACES[link.getAttribute('href')];
    if (keys) link.dataset.shortcut = keys;
  }
}

function row(keys, label) {
  const item = document.createElement('div');
  const term = document.createElement('dt');
  const value = document.createElement('dd');
  term.textContent = label;
  value.className = 'keys';
  for (const key of keys.split(' ')) {
    const kbd = document.createElement('kbd');
    kbd.className = 'kbd';
    kbd.textContent = key;
    value.append(kbd);
  }
  item.append(term, value);
  return item;
}

function showHelp(dialog) {
  const list = dialog.querySelector('[data-shortcut-list]');
  list.replaceChildren();
  for (const [keys, element] of available()) {
    const label = element.dataset.shortcutLabel ?? element.getAttribute('aria-label') ?? element.textContent;
    list.append(row(keys, label.trim().replace(/\s+/g, ' ')));
  }
  list.append(row('?', dialog.dataset.helpLabel));
  dialog.showModal();
}

function onKey(event, help) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector('dialog:modal')) return;
  if (event.key === '?') {
    event.preventDefault();
    showHelp(help);
    return;
  }
  const fresh = event.timeStamp - pendingSince < SEQUENCE_MS;
  const keys = fresh && pending ? `${pending} ${event.key}` : event.key;
  const target = available().get(keys);
  pending = target ? '' : event.key;
  pendingSince = event.timeStamp;
  if (!target) return;
  event.preventDefault();
  activate(target);
}

export function enableShortcuts() {
  nameNavigation();
  const help = document.getElementById('shortcuts');
  if (!help) return;
  document.addEventListener('keydown', (event) => onKey(event, help));
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-show-shortcuts]')) showHelp(help);
  });
}
