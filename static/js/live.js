// Parts of a page that follow what happens elsewhere:
//
//   <div id="results" data-live="leads"> … </div>             some lead changed
//   <div id="history" data-live="leads messages" data-live-id="6f1c…">     this one
//
// When the server says so, the page is asked for once more and those parts are exchanged. A part that somebody is at work in
// stays as it is, with a button that shows the new one and keeps what was typed. Nothing here is needed by any page.
import { announce } from './announce.js';
import { listen } from './live-stream.js';

const PAUSE_MS = 1_000; // between two looks; longer while there is no end of news
const PAUSE_MAX_MS = 15_000;
const PAUSE_EAGER_MS = 400; // where people work side by side (data-live-eager), however much there is
const SAY_MS = 30_000;

const root = document.documentElement;
const texts = () => document.getElementById('live')?.dataset ?? {};

const known = new Map(); // id of a part: the server's time up to which it is known to be right
const wanted = new Set(); // ids of parts that are not
const held = new Map(); // ids of parts that somebody is at work in: what they will be
let timer = 0;
let due = Infinity;
let looked = -Infinity;
let pause = PAUSE_MS;
let looking = false;
let exchanges = 0; // by htmx
let said = 0;
let pressed = false; // between the two halves of a click, which would be lost with the element

function parts() {
  return [...document.querySelectorAll('[data-live][id]:not([data-live=""])')];
}

// ---- is somebody at work there? ----

const FIELDS = 'input:not([type=hidden]), textarea, select, [contenteditable=true]';

function touched(field) {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  if (field.options) {
    const chosen = [...field.options].some((option) => option.defaultSelected);
    return [...field.options].some((option, i) => option.selected !== (chosen ? option.defaultSelected : i === 0));
  }
  return field.value !== field.defaultValue;
}

function touchedFields(part) {
  return [...part.querySelectorAll(FIELDS)].filter((field) => field.name && touched(field));
}

function selected(part) {
  const selection = getSelection();
  return !selection.isCollapsed && selection.containsNode(part, true);
}

function busy(part) {
  const active = document.activeElement;
  return (part.contains(active) && active.matches(FIELDS)) || touchedFields(part).length > 0 || selected(part) ||
    part.querySelector('dialog[open], details.menu[open], form[data-sending]') !== null || pressed || inHand(part);
}

/** Something of it is being dragged: what comes waits until that has ended, without a word. */
function inHand(part) {
  return 'inHand' in part.dataset;
}

// ---- exchanging ----

function sameFocus(part) {
  const active = document.activeElement;
  if (!part.contains(active)) return null;
  if (active.id) return `#${CSS.escape(active.id)}`;
  const href = active.getAttribute('href');
  return href ? `a[href="${CSS.escape(href)}"]` : null;
}

function focusIn(fresh, selector) {
  const all = [fresh, ...fresh.querySelectorAll('a[href], button')];
  const next = all.find((element) => selector && element.matches(selector)) ?? all.find((element) => element.matches('a[href], button'));
  next?.focus({ preventScroll: true });
}

/** What was scrolled or opened in a part stays so. */
function keepLooks(part, fresh) {
  for (const [selector, state] of [['.table-container', 'scrollLeft'], ['details:not(.menu)', 'open']]) {
    const after = fresh.querySelectorAll(selector);
    part.querySelectorAll(selector).forEach((element, i) => {
      if (after[i]) after[i][state] = element[state];
    });
  }
}

/** What was typed moves on with its field; of a choice only what was chosen, for there may be other choices now. */
function keepTyped(fields, fresh) {
  for (const field of fields) {
    const ticked = field.type === 'checkbox' || field.type === 'radio';
    const value = ticked ? `[value="${CSS.escape(field.value)}"]` : '';
    const same = fresh.querySelector(`[name="${CSS.escape(field.name)}"]${value}`);
    if (!same) continue;
    if (ticked) same.checked = field.checked;
    else if (!field.options) same.replaceWith(field);
    else if ([...same.options].some((option) => option.value === field.value)) same.value = field.value;
  }
}

function exchange(part, fresh) {
  const inside = part.contains(document.activeElement);
  const focus = sameFocus(part);
  const fields = touchedFields(part);
  held.delete(part.id);
  part.dispatchEvent(new CustomEvent('live:exchange', { bubbles: true, detail: { fresh } }));
  part.replaceWith(fresh);
  keepLooks(part, fresh);
  keepTyped(fields, fresh);
  if (inside) focusIn(fresh, focus);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent('live:exchanged', { bubbles: true }));
}

function showNote(part) {
  if (part.querySelector(':scope > .live-note')) return;
  const note = document.createElement('p');
  const button = document.createElement('button');
  note.className = 'live-note';
  button.className = 'btn';
  button.type = 'button';
  button.dataset.variant = 'outline';
  button.dataset.size = 'sm';
  button.textContent = texts().note ?? 'New';
  button.addEventListener('click', () => held.has(part.id) && exchange(part, held.get(part.id)));
  note.append(button);
  part.prepend(note);
}

/** True when something is to be seen that was not. */
function renew(part, fresh) {
  if (part.isEqualNode(fresh)) return false;
  if (busy(part)) {
    held.set(part.id, fresh);
    if (inHand(part)) return false;
    if (!pressed) showNote(part);
  } else {
    exchange(part, fresh);
  }
  return true;
}

/** Whoever has finished there sees what is new. */
function letGo() {
  for (const [id, fresh] of held) {
    const part = document.getElementById(id);
    if (!part) held.delete(id);
    else if (!busy(part)) exchange(part, fresh);
  }
}

function sayOnce() {
  if (!texts().updated || Date.now() - said < SAY_MS) return;
  said = Date.now();
  announce(texts().updated);
}

// ---- looking ----

function schedule(within) {
  const at = Math.max(performance.now() + Math.random() * within, looked + pause);
  if (at >= due) return;
  due = at;
  clearTimeout(timer);
  timer = setTimeout(look, at - performance.now());
}

async function ask() {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html', 'X-Live': 'true' }, redirect: 'manual', cache: 'no-store' });
  if (answer.type === 'opaqueredirect' || answer.status === 401) {
    signedOut();
    return null;
  }
  if (answer.status >= 500) throw new Error('the portal is busy');
  if (!answer.ok) return null; // the answer to a form, or gone
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

function take(page, ids) {
  let news = false;
  for (const part of parts()) {
    if (!ids.includes(part.id)) continue;
    const fresh = page.getElementById(part.id);
    known.set(part.id, Number(page.documentElement.dataset.liveAt));
    const inMain = part.closest('main') !== null;
    if (fresh && renew(part, document.adoptNode(fresh)) && inMain) news = true;
  }
  if (news) sayOnce();
}

function nextPause() {
  if (document.querySelector('[data-live-eager]')) return PAUSE_EAGER_MS;
  return performance.now() - looked < 2 * pause ? Math.min(2 * pause, PAUSE_MAX_MS) : PAUSE_MS;
}

async function look() {
  due = Infinity;
  if (wanted.size === 0 || document.hidden) return; // what can't be seen waits
  if (looking || document.querySelector('.htmx-request')) {
    schedule(PAUSE_MS);
    return;
  }
  const ids = [...wanted];
  const before = exchanges;
  wanted.clear();
  looking = true;
  pause = nextPause();
  looked = performance.now();
  try {
    const page = await ask();
    if (page && page.body.dataset.user !== document.body.dataset.user) signedOut();
    else if (page && before === exchanges) take(page, ids);
    else if (page) ids.forEach((id) => wanted.add(id)); // the page has moved on meanwhile
  } catch {
    ids.forEach((id) => wanted.add(id));
    pause = PAUSE_MAX_MS;
  }
  looking = false;
  if (wanted.size > 0) schedule(PAUSE_MS);
}

// ---- what the stream says ----

function concerns(part, change, at) {
  const [topic, id] = change.split(' ');
  if (at < (known.get(part.id) ?? Number(root.dataset.liveAt))) return false; // it was read after that
  if (topic === 'refresh') return true;
  return part.dataset.live.split(/\s+/).includes(topic) && (!id || !part.dataset.liveId || part.dataset.liveId === id);
}

function changed({ at, within, changed: changes }) {
  for (const part of parts()) {
    if (changes.some((change) => concerns(part, change, at))) wanted.add(part.id);
  }
  if (wanted.size > 0) schedule(within);
}

/** The stream was away for too long to know. */
function missed() {
  for (const part of parts()) wanted.add(part.id);
  schedule(PAUSE_MS);
}

/** Another sign-in, or none: this page is somebody else's past. Typed text is nobody's business but its writer's, who is told
 * that it can't be sent from here any more. */
function signedOut() {
  const typed = touchedFields(document.body).length > 0 || document.querySelector('[data-form-errors]');
  if (!typed) location.replace(location.pathname + location.search);
  if (!typed || !texts().ended || document.getElementById('session-ended')) return;
  const note = document.createElement('div');
  const text = document.createElement('p');
  note.id = 'session-ended';
  note.className = 'alert';
  note.dataset.variant = 'warning';
  note.setAttribute('role', 'alert');
  text.className = 'strong';
  text.textContent = texts().ended;
  note.append(text);
  document.getElementById('main')?.prepend(note);
}

/** Another script knows of news, and has said so: document event live:look, with the part's id. What was held back is older. */
function lookAtOnce({ detail }) {
  held.delete(detail.id);
  said = Date.now();
  wanted.add(detail.id);
  pause = 0;
  schedule(0);
}

export function enableLive() {
  const { user } = document.body.dataset;
  if (!user || !('EventSource' in window) || parts().length === 0) return;
  document.addEventListener('htmx:beforeSwap', () => {
    exchanges += 1;
  });
  document.addEventListener('visibilitychange', () => !document.hidden && wanted.size > 0 && schedule(PAUSE_MS));
  document.addEventListener('focusout', () => setTimeout(letGo));
  document.addEventListener('pointerdown', () => {
    pressed = true;
  });
  for (const type of ['pointerup', 'pointercancel']) {
    document.addEventListener(type, () => setTimeout(() => {
      pressed = false;
      letGo();
    }, 50)); // after the click, and what it does
  }
  document.addEventListener('live:look', lookAtOnce);
  document.addEventListener('live:free', letGo);
  document.addEventListener('selectionchange', () => held.size > 0 && letGo());
  listen(`live-${user}`, { changed, missed, refused: signedOut });
}
