// The notice after a redirect ("Lead sent.") floats in the corner. It can be closed; good news leaves by
// itself after a while, unless the pointer or the focus is on it. Bad news stays.
import { announce } from './announce.js';

const STAYS_MS = 8000;
const STAYS_WITH_BUTTON_MS = 30_000;

function leaveLater(notice) {
  let timer = 0;
  const start = () => {
    timer = setTimeout(() => notice.remove(), notice.querySelector('form') ? STAYS_WITH_BUTTON_MS : STAYS_MS);
  };
  const stop = () => clearTimeout(timer);
  for (const type of ['pointerenter', 'focusin']) notice.addEventListener(type, stop);
  for (const type of ['pointerleave', 'focusout']) notice.addEventListener(type, start);
  start();
}

export function enableNotice(notice) {
  notice.querySelector('.notice-close')?.addEventListener('click', () => notice.remove());
  announce(notice.querySelector('[data-notice-text]').textContent.trim());
  if (notice.dataset.variant !== 'destructive') leaveLater(notice);
}

export function enableNotices() {
  for (const notice of document.querySelectorAll('.notice')) enableNotice(notice);
}
