// The blind check (docs/duplicates.md): what is typed is brought into its key form and hashed here; hashes alone are sent.
// The rules of providers are the rows of the table on the page, so that there is one list of them.

function providers() {
  const rows = document.querySelectorAll('#overlap-providers tbody tr');
  return new Map([...rows].map((row) => {
    const [domain, canonical, ignored, tag] = [...row.cells].map((cell) => cell.textContent.trim());
    return [domain, { canonical, ignored, tag }];
  }));
}

const lower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** app.email_key() of the database, in the browser's words. */
export function emailKey(typed, rules) {
  const address = lower(typed.trim());
  const at = address.lastIndexOf('@');
  const rule = rules.get(address.slice(at + 1));
  if (!rule) return address;
  let local = address.slice(0, at);
  if (rule.tag && local.includes(rule.tag)) local = local.slice(0, local.indexOf(rule.tag));
  local = [...local].filter((letter) => !rule.ignored.includes(letter)).join('');
  return local ? `${local}@${rule.canonical}` : address;
}

const ZEROS = [0x660, 0x6f0, 0x966]; // Arabic, Persian, Hindi
const COUNTRY = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3})/; // ITU-T E.164, annex D
const ZERO_STAYS = ['39', '225', '229', '242']; // there the 0 is the number's own
const LENGTHS = { // without the code, where the programme is and where another digit than 0 is dialled before a number; elsewhere any is taken
  1: [10], 7: [10], 52: [10], 65: [8], 91: [10], 370: [8], 375: [9], 378: [10], 971: [8, 9], 993: [8], 998: [9],
};
const EXTENSION = /\s*(extension|ext|x|#)[\s.:]*[0-9]{1,6}$/i;

function plainDigits(text) {
  return text.normalize('NFKC').replace(/\p{Cf}/gu, '').replace(/\p{Nd}/gu, (digit) => {
    const zero = ZEROS.find((first) => digit.codePointAt(0) - first >= 0 && digit.codePointAt(0) - first < 10);
    return zero ? String(digit.codePointAt(0) - zero) : digit;
  });
}

/** E.164, or null where that is not sure: a wrong key would be answered "free". code: of the country where a number that begins
    with one 0 was dialled; empty: such a number says nothing. */
export function phoneKey(typed, code = '') {
  const text = plainDigits(typed).trim().replace(EXTENSION, '').replace(/^00/, '+');
  let digits = text.replace(/[\s().\p{Pd}/]/gu, '');
  if (code && /^0[1-9]/.test(digits)) digits = `+${code}${digits.slice(1)}`;
  if (!/^\+[1-9][0-9]{6,15}$/.test(digits)) return null;
  const [begin, country] = digits.match(COUNTRY);
  if (digits[begin.length] === '0' && !ZERO_STAYS.includes(country)) { // as dialled inside the country
    if (!/^[^(]*\(\s*0\s*\)/.test(text)) return null;
    digits = begin + digits.slice(begin.length + 1);
    if (digits[begin.length] === '0') return null;
  }
  const length = digits.length - begin.length;
  return digits.length <= 16 && (LENGTHS[country]?.includes(length) ?? true) ? digits : null;
}

function keyOf(line, rules, code) {
  if (line.includes('@')) return /^\S+@\S+$/.test(line.trim()) ? emailKey(line, rules) : null;
  return phoneKey(line, code);
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

async function hasher(keyHex) {
  const bytes = Uint8Array.from(keyHex.match(/../g), (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return async (text) => hex(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)));
}

async function hashLines(lines, keyHex, code) {
  const rules = providers();
  const hash = await hasher(keyHex);
  return Promise.all(lines.map(async (line) => {
    const key = keyOf(line, rules, code);
    return { line, hash: key && await hash(key) };
  }));
}

/** What the address answers in JSON. */
async function json(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { Accept: 'application/json' } });
  const page = await answer.json();
  if (!answer.ok) throw new Error(page.detail ?? page.title ?? '');
  return page;
}

async function ask(form, hashes) {
  const body = new URLSearchParams(new FormData(form));
  body.set('hashes', hashes.join('\n'));
  const { location } = await json(form.action, { method: 'POST', body });
  const page = await json(location);
  return new Map(page.overlap_answers.filter(({ taken }) => taken).map(({ hash, until }) => [hash, until]));
}

function row(text, label, variant) {
  const item = document.createElement('li');
  const main = document.createElement('div');
  main.className = 'item-main';
  main.textContent = text;
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.dataset.variant = variant;
  badge.textContent = label;
  item.append(main, badge);
  return item;
}

// "2027-02-12" as the page writes days: 12 Feb 2027.
function day(date) {
  return new Intl.DateTimeFormat(document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang,
    { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(date));
}

function show(out, hashed, taken) {
  const list = document.createElement('ul');
  list.className = 'item-list';
  for (const { line, hash } of hashed) {
    if (!hash) list.append(row(line, out.dataset.unread, 'outline'));
    else if (taken.has(hash)) list.append(row(line, `${out.dataset.taken} ${day(taken.get(hash))}`, 'warning'));
    else list.append(row(line, out.dataset.free, 'success'));
  }
  out.replaceChildren(list);
}

async function submit(event) {
  const form = event.target.closest?.('form[data-overlap]');
  const plain = form?.querySelector('#overlap-plain');
  const lines = plain?.value.split('\n').map((line) => line.trim()).filter(Boolean) ?? [];
  if (lines.length === 0) return; // pasted hashes go the way of every form
  event.preventDefault();
  event.stopImmediatePropagation();
  const out = document.getElementById('overlap-result');
  try {
    const hashed = await hashLines(lines, form.dataset.overlapKey, form.dataset.overlapCode);
    const hashes = [...new Set(hashed.map(({ hash }) => hash).filter(Boolean))];
    show(out, hashed, hashes.length > 0 ? await ask(form, hashes) : new Map());
  } catch (error) {
    out.textContent = error.message || out.dataset.failed;
  }
}

export function enableOverlap() {
  const form = document.querySelector('form[data-overlap]');
  if (!form || !window.crypto?.subtle) return;
  form.querySelector('#f-hashes').required = false; // the list above may be used instead
  document.addEventListener('submit', submit, true);
}
