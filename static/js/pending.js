// Leads that are sent without a connection wait on this device, in sight, and go by themselves as soon as there is one. Each has
// the id that its form was given, or made here, and the portal makes one lead of it however often it arrives: whatever was not
// heard to be taken is sent again. They are kept for the person who is signed in, and shown to nobody else.
import { announce } from './announce.js';
import { csrfToken } from './csrf.js';

const AGAIN_MS = 30_000; // when the portal could not be reached although the browser says that it is connected

const box = () => document.getElementById('pending');
const key = () => `pending:${document.body.dataset.user}`;

function read() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? [];
  } catch {
    return []; // no storage, or not ours
  }
}

function write(leads) {
  if (leads.length) localStorage.setItem(key(), JSON.stringify(leads));
  else localStorage.removeItem(key());
}

/** Another page may have changed the list meanwhile: only this one lead is exchanged, or taken out. */
function replace(id, lead) {
  write(read().flatMap((one) => (one.id !== id ? [one] : lead ? [lead] : [])));
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40; // RFC 9562 section 5.4
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function say(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

// ---- what is seen ----

const sent = new Map(); // id → {name, href}: until the page is left

function item({ id, name, at, wrong }) {
  const { kept, wrong: look, sent: done } = box().dataset;
  const entry = box().querySelector('template').content.firstElementChild.cloneNode(true);
  const receipt = sent.get(id);
  const title = entry.querySelector('[data-pending-name]');
  if (receipt) {
    const link = document.createElement('a');
    link.href = receipt.href;
    link.textContent = name;
    title.append(link);
  } else {
    title.textContent = name;
  }
  const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  entry.querySelector('[data-pending-state]').textContent = receipt ? done : say(wrong ? look : kept, { time, why: wrong });
  const [correct, discard] = entry.querySelectorAll('button');
  correct.hidden = Boolean(receipt) || !wrong;
  discard.hidden = Boolean(receipt);
  for (const hidden of entry.querySelectorAll('.sr-only')) hidden.textContent = `: ${name}`;
  correct.addEventListener('click', () => openAgain(id));
  discard.addEventListener('click', () => {
    replace(id, null);
    show();
  });
  return entry;
}

function show() {
  if (!box()) return;
  const waiting = read();
  const all = [...waiting, ...[...sent].map(([id, { name }]) => ({ id, name, at: 0 }))];
  box().querySelector('ul').replaceChildren(...all.map(item));
  box().hidden = all.length === 0;
}

// ---- keeping ----

function fill(form, fields) {
  form.reset();
  for (const [name, value] of fields) {
    const field = form.elements[name];
    if (!field) continue;
    if (field.type === 'checkbox') field.checked = true;
    else field.value = value;
  }
}

/** Into the form that this page has, else on the page that has one. */
function openAgain(id) {
  const lead = read().find((one) => one.id === id);
  const form = document.querySelector('form[data-pending]');
  if (!lead) return;
  if (!form || new URL(form.action).pathname !== lead.action) {
    location.href = `${lead.page}#pending-${id}`;
    return;
  }
  fill(form, lead.fields);
  replace(id, null);
  form.dataset.changed = 'true';
  show();
  form.querySelector('input:not([type=hidden]), textarea')?.focus();
}

/** True when the form's lead waits here now; the form is empty then, and ready for the next one. */
export function keepPending(form) {
  if (!form.matches('[data-pending]') || !box()) return false;
  const fields = [...new FormData(form)].filter(([name, value]) => name !== 'csrf' && typeof value === 'string');
  const name = form.elements.client_name.value.trim();
  const lead = { id: form.elements.draft.value || newId(), action: new URL(form.action).pathname, page: location.pathname, fields, name, at: Date.now() };
  lead.fields = [...fields.filter(([field]) => field !== 'draft'), ['draft', lead.id]];
  try {
    write([...read().filter(({ id }) => id !== lead.id), lead]);
  } catch {
    return false; // no room, or no storage: the form stays as it is
  }
  form.reset();
  form.elements.draft.value = newId();
  form.dataset.changed = '';
  show();
  announce(say(box().dataset.announce, { name }));
  box().scrollIntoView({ block: 'nearest' });
  return true;
}

// ---- sending ----

async function send(lead) {
  const body = new URLSearchParams(lead.fields);
  body.set('csrf', csrfToken());
  const answer = await fetch(lead.action, { method: 'POST', body, headers: { Accept: 'application/json' } });
  if (answer.ok) {
    const { location: href } = await answer.json();
    sent.set(lead.id, { name: lead.name, href });
    replace(lead.id, null);
    announce(say(box().dataset.announceSent, { name: lead.name }));
  } else if (answer.status === 422) {
    const { errors = [], detail } = await answer.json();
    replace(lead.id, { ...lead, wrong: errors[0]?.text ?? detail });
  } else {
    throw new Error(`not taken now: ${answer.status}`); // signed out, busy: it goes on waiting
  }
}

let timer = null;

async function sendAll() {
  clearTimeout(timer);
  if (!box() || !navigator.onLine) return;
  await navigator.locks.request(key(), async () => { // one page at a time
    try {
      for (const lead of read().filter(({ wrong }) => !wrong)) await send(lead);
    } catch {
      timer = setTimeout(sendAll, AGAIN_MS);
    }
    show();
  });
}

export function enablePending() {
  if (!box() || !navigator.locks) return;
  show();
  const wanted = location.hash.match(/^#pending-(.+)$/);
  if (wanted) openAgain(wanted[1]);
  addEventListener('online', sendAll);
  addEventListener('storage', show); // another page's doing
  sendAll();
}
