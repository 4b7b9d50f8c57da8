// The board of leads. A card is moved by dragging it (SortableJS, mouse and touch), by keys (Space on its name, arrows, Space)
// or by its menu, which also works without this script. All three end in the same request: the form of the card's menu. Which
// moves there are stands on each column; whether one is made, the portal says. Refused cards go back to where they were.
import Sortable from 'sortablejs';
import { announce } from './announce.js';
import { csrfToken } from './csrf.js';
import { enableNotice } from './notices.js';

const dialog = document.getElementById('board-ask');
const words = document.getElementById('board-words')?.dataset ?? {};

let grabbed = null; // {card, home, place}: by keys
let unsent = null; // what was answered and did not arrive: {id, stage, answer}
let asked = null; // what the dialog is about: {card, from, place, to, answer}

const board = () => document.querySelector('[data-board]');
const columnOf = (element) => element.closest('.board-column');
const cardsOf = (column) => column.querySelector('.board-cards');
const columns = () => [...document.querySelectorAll('.board-column')];
const columnFor = (stage) => columns().find((column) => column.dataset.stage === stage);
const nameOf = (card) => card.querySelector('a').textContent.trim();

function say(sentence, values = {}) {
  return (sentence ?? '').replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** What a move asks for: "", "reason" or "value"; null when there is no such move. */
function asks(from, to) {
  for (const move of from.dataset.moves.split(' ')) {
    const [stage, needs = ''] = move.split(':');
    if (stage === to.dataset.stage) return needs;
  }
  return null;
}

// ---- notices ----

function notify(sentence, { bad = false, undo = null, version = '' } = {}) {
  for (const old of document.querySelectorAll('.notice')) old.remove();
  const notice = document.getElementById('board-notice').content.firstElementChild.cloneNode(true);
  notice.dataset.variant = bad ? 'destructive' : 'success';
  notice.querySelector(bad ? '[data-good]' : '[data-bad]').remove();
  notice.querySelector('[data-notice-text]').textContent = sentence;
  const form = notice.querySelector('form');
  if (undo) {
    form.action = undo;
    form.elements.version.value = version;
  } else {
    form.remove();
  }
  document.getElementById('main').prepend(notice);
  enableNotice(notice);
}

// ---- the board as it is elsewhere ----

function hold(on) {
  const area = board();
  if (on) area.dataset.inHand = '';
  else delete area.dataset.inHand;
  if (!on) document.dispatchEvent(new Event('live:free'));
}

function refresh() {
  document.dispatchEvent(new CustomEvent('live:look', { detail: { id: board().id } }));
}

/** What was loaded beyond the first cards of a column stays there when the board is exchanged. */
function keepFurther(event) {
  const { fresh } = event.detail;
  if (!('board' in fresh.dataset)) return;
  const known = new Set([...fresh.querySelectorAll('.board-card')].map((card) => card.dataset.id));
  for (const column of columns()) {
    const next = fresh.querySelector(`#${CSS.escape(column.id)}`);
    const more = next?.querySelector('.board-more');
    if (!more) continue;
    const cards = [...cardsOf(next).querySelectorAll('.board-card')];
    const last = cards.at(-1)?.dataset.at ?? '';
    const further = [...cardsOf(column).querySelectorAll('.board-card')].filter((card) =>
      !known.has(card.dataset.id) && card.dataset.at <= last && !('moving' in card.dataset));
    if (further.length === 0 || cardsOf(column).querySelectorAll('.board-card').length <= cards.length) continue;
    const end = cardsOf(column).querySelector('.board-more');
    more.replaceWith(...further, ...(end ? [end] : []));
  }
  event.target.querySelectorAll('.board-cards').forEach((list) => {
    const same = fresh.querySelector(`#${CSS.escape(columnOf(list).id)} .board-cards`);
    if (same) same.dataset.scroll = list.scrollTop;
  });
  fresh.dataset.scroll = event.target.querySelector('.board').scrollLeft;
}

// ---- moving ----

function put(card, column) {
  cardsOf(column).prepend(card);
}

function putBack(card, column, place) {
  const list = cardsOf(column);
  list.insertBefore(card, place?.parentElement === list ? place : list.firstElementChild);
}

async function send(form, fields) {
  const body = new URLSearchParams({ ...fields, csrf: csrfToken() });
  const answer = await fetch(form.action, { method: 'POST', headers: { Accept: 'application/json' }, body, redirect: 'manual' });
  const json = (answer.headers.get('Content-Type') ?? '').includes('json') ? await answer.json() : {};
  return { ok: answer.ok, status: answer.status, ...json };
}

/** The card lies where it shall go. The portal decides; when it says no, the card goes back. */
async function move({ card, from, place, to, answer = {} }) {
  const form = card.querySelector('form[data-board-move]');
  const back = (sentence) => {
    unsent = { id: card.dataset.id, stage: to.dataset.stage, answer };
    putBack(card, from, place);
    notify(sentence, { bad: true });
  };
  card.dataset.moving = '';
  hold(true);
  try {
    const result = await send(form, { stage: to.dataset.stage, version: card.dataset.version, ...answer });
    if (result.ok) {
      unsent = null;
      notify(say(words.moved, { name: nameOf(card), stage: to.dataset.name }), { undo: result.undo, version: result.undo_version });
    } else {
      back([result.detail, ...(result.errors ?? []).map((error) => error.text)].filter(Boolean).at(-1) ?? words.failed);
    }
  } catch {
    back(words.failed);
  }
  delete card.dataset.moving;
  refresh();
  hold(false);
}

/** Asks first where the move asks for something. */
function begin(step) {
  const needs = asks(step.from, step.to);
  if (needs === null) {
    putBack(step.card, step.from, step.place);
    hold(false);
    return;
  }
  if (needs === '') {
    move(step);
    return;
  }
  asked = step;
  hold(true);
  dialog.querySelector('form').reset();
  dialog.querySelector('h2').textContent = say(dialog.dataset.title, { name: nameOf(step.card), stage: step.to.dataset.name });
  const reasons = [...dialog.querySelectorAll('option[data-stage]')];
  for (const option of reasons) option.hidden = option.disabled = option.dataset.stage !== step.to.dataset.stage;
  const listed = needs === 'reason' && reasons.some((option) => !option.disabled);
  for (const [part, shown] of [['code', listed], ['reason', needs === 'reason'], ['value', needs === 'value']]) {
    dialog.querySelector(`[data-ask=${part}]`).hidden = !shown;
  }
  dialog.querySelector('[name=estimated_value]').value = step.card.dataset.value;
  dialog.querySelector('[name=estimated_value]').required = needs === 'value';
  const before = unsent?.id === step.card.dataset.id && unsent.stage === step.to.dataset.stage ? unsent.answer : {};
  for (const [name, text] of Object.entries(before)) dialog.querySelector(`[name=${name}]`).value = text;
  needWords();
  dialog.showModal();
}

/** Words are needed where no reason of the list says it. */
function needWords() {
  const area = dialog.querySelector('textarea');
  const shown = !dialog.querySelector('[data-ask=reason]').hidden;
  const chosen = !dialog.querySelector('[data-ask=code]').hidden && dialog.querySelector('select').value !== '';
  area.required = shown && !chosen;
  dialog.querySelector('[data-ask=reason] .optional').hidden = area.required;
}

function answered(event) {
  event.preventDefault();
  const step = asked;
  asked = null;
  const data = new FormData(event.target);
  dialog.close();
  const value = [...data.entries()].filter(([name, text]) => text !== '' && !event.target.elements[name].closest('[hidden]'));
  move({ ...step, answer: Object.fromEntries(value) });
}

function unanswered() {
  if (!asked) return;
  const { card, from, place } = asked;
  asked = null;
  putBack(card, from, place);
  announce(say(words.cancelled, { name: nameOf(card), stage: from.dataset.name }));
  card.querySelector('a').focus();
  hold(false);
}

async function undo(event) {
  const form = event.target;
  event.preventDefault();
  try {
    const result = await send(form, { version: form.elements.version.value });
    if (result.ok) notify(words.undone);
    else notify(result.detail ?? words.failed, { bad: true });
  } catch {
    notify(words.failed, { bad: true });
  }
  document.querySelector('.notice button')?.focus(); // the one that was pressed is gone
  refresh();
}

// ---- mouse and touch ----

/** Columns that the card can't go to step back. */
function showWays(from) {
  for (const column of columns()) {
    const needs = from && column !== from ? asks(from, column) : '';
    if (from && needs === null) column.dataset.closed = '';
    else delete column.dataset.closed;
  }
}

let place = null; // the card that followed the one that is dragged
let dragged = -Infinity; // when that ended

/** The end of a drag is no click on the link in the card. */
function noClick(event) {
  if (performance.now() - dragged < 50 && event.target.closest('.board-card')) event.preventDefault();
}

/** Where it was let go: a card that was on its way through a column is not meant for it. */
function columnAt(event) {
  const { clientX, clientY } = event.changedTouches?.[0] ?? event;
  return document.elementFromPoint(clientX, clientY)?.closest('.board-column');
}

/** Cards may be put into every column that somebody may move them to, also where they end: from there none is taken. */
function sortable(list) {
  const moves = columnOf(list).dataset.moves !== '';
  Sortable.create(list, {
    group: { name: 'board', pull: moves, put: (to, from) => to === from || asks(columnOf(from.el), columnOf(to.el)) !== null },
    sort: false,
    draggable: '.board-card',
    filter: moves ? '.menu, .board-more' : '.board-card, .board-more',
    preventOnFilter: false,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 4,
    fallbackClass: 'board-dragged',
    ghostClass: 'board-ghost',
    chosenClass: 'board-chosen',
    delay: 180,
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    animation: 120,
    scrollSensitivity: 60,
    onStart: ({ item, from }) => {
      place = item.nextElementSibling;
      document.body.classList.add('board-dragging');
      hold(true);
      showWays(columnOf(from));
    },
    onEnd: ({ item, from, to, originalEvent }) => {
      document.body.classList.remove('board-dragging');
      showWays(null);
      dragged = performance.now();
      if (to === from || columnAt(originalEvent) !== columnOf(to)) {
        putBack(item, columnOf(from), place);
        hold(false);
        return;
      }
      put(item, columnOf(to));
      begin({ card: item, from: columnOf(from), place, to: columnOf(to) });
    },
  });
}

// ---- keys ----

function grab(card) {
  grabbed = { card, home: columnOf(card), place: card.nextElementSibling };
  card.dataset.grabbed = '';
  hold(true);
  showWays(grabbed.home);
  announce(say(words.grabbed, { name: nameOf(card), stage: grabbed.home.dataset.name }));
}

function carry(step) {
  const all = columns().filter((column) => column === grabbed.home || asks(grabbed.home, column) !== null);
  const next = all[all.indexOf(columnOf(grabbed.card)) + step];
  if (!next) {
    announce(words.noWay);
    return;
  }
  if (next === grabbed.home) putBack(grabbed.card, next, grabbed.place);
  else put(grabbed.card, next);
  grabbed.card.querySelector('a').focus();
  grabbed.card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  announce(say(next !== grabbed.home && asks(grabbed.home, next) ? words.overAsks : words.over, { stage: next.dataset.name }));
}

function release(drop) {
  const { card, home, place: followed } = grabbed;
  const to = columnOf(card);
  grabbed = null;
  delete card.dataset.grabbed;
  showWays(null);
  if (drop && to !== home) {
    begin({ card, from: home, place: followed, to });
    return;
  }
  putBack(card, home, followed);
  card.querySelector('a').focus();
  hold(false);
  announce(say(words.cancelled, { name: nameOf(card), stage: home.dataset.name }));
}

/** Arrows go from card to card. */
function walk(card, key) {
  const column = columnOf(card);
  const all = [...cardsOf(column).querySelectorAll('.board-card')];
  let next = all[all.indexOf(card) + (key === 'ArrowDown' ? 1 : -1)];
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const ways = columns().filter((other) => other === column || other.querySelector('.board-card'));
    const beside = ways[ways.indexOf(column) + (key === 'ArrowRight' ? 1 : -1)];
    const there = beside ? [...beside.querySelectorAll('.board-card')] : [];
    next = there[Math.min(all.indexOf(card), there.length - 1)];
  }
  next?.querySelector('a').focus();
}

function keys(event) {
  const card = event.target.closest?.('.board-card');
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (grabbed) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) carry(document.dir === 'rtl' ? -step : step);
    else if (event.key === ' ' || event.key === 'Enter') release(true);
    else if (event.key === 'Escape' || event.key === 'Tab') release(false);
    if (event.key !== 'Tab') event.preventDefault();
    return;
  }
  if (!card || !event.target.matches('.board-card a')) return;
  if (event.key === ' ' && card.querySelector('form[data-board-move]')) {
    event.preventDefault();
    grab(card);
  } else if (event.key.startsWith('Arrow')) {
    event.preventDefault();
    walk(card, event.key);
  }
}

/** Whoever clicks elsewhere has let go. */
function leave(event) {
  if (grabbed && !grabbed.card.contains(event.target)) release(false);
}

// ---- menus ----

function chosen(event) {
  const form = event.target;
  if (form.matches('[data-board-undo], .notice-undo')) {
    undo(event);
    return;
  }
  if (!form.matches('form[data-board-move]')) return;
  const card = form.closest('.board-card');
  const to = columnFor(event.submitter?.value);
  if (!to) return; // a column that the filters leave out: the plain way
  event.preventDefault();
  form.closest('details').open = false;
  const step = { card, from: columnOf(card), place: card.nextElementSibling, to };
  put(card, to);
  card.querySelector('a').focus();
  begin(step);
}

/** A menu near the edge of its column is scrolled into sight. */
function opened(event) {
  if (event.target.matches?.('.board-card details[open]')) {
    event.target.querySelector('.menu-panel').scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}

// ---- beginning ----

function enable(area = board()) {
  if (!area || !dialog) return;
  if (area.dataset.scroll) area.querySelector('.board').scrollLeft = Number(area.dataset.scroll);
  delete area.dataset.scroll;
  for (const list of area.querySelectorAll('.board-cards')) {
    if (list.dataset.scroll) list.scrollTop = Number(list.dataset.scroll);
    delete list.dataset.scroll;
    sortable(list);
  }
}

if (dialog) {
  document.addEventListener('submit', chosen, true);
  document.addEventListener('keydown', keys, true);
  document.addEventListener('pointerdown', leave, true);
  document.addEventListener('click', noClick, true);
  dialog.addEventListener('submit', answered);
  dialog.addEventListener('change', needWords);
  dialog.addEventListener('close', unanswered);
  dialog.querySelector('[data-board-cancel]').addEventListener('click', () => dialog.close());
}
document.addEventListener('toggle', opened, true);
document.addEventListener('live:exchange', keepFurther);
document.addEventListener('live:exchanged', ({ target }) => target.matches('[data-board]') && enable(target));
document.addEventListener('htmx:afterSettle', ({ target }) => target.matches?.('[data-board]') && enable(target));
enable();
document.documentElement.dataset.boardReady = 'true';
