// A form with data-draft="/…" is kept on the portal while it is filled: a moment after the last key, and when the page
// goes out of sight. Whoever comes back is offered it there; this script only sends what the form would.
const PAUSE = 1000; // ms without a key

function keepDraft(form) {
  const note = form.querySelector('[data-draft-note]');
  let timer = null;
  let sending = null;

  function say(kept) {
    note.textContent = kept ? note.dataset.kept : note.dataset.lost;
    // typed meanwhile, or not kept: then leaving the page is asked about (forms.js)
    if (kept && !timer) form.dataset.changed = '';
  }

  async function save() {
    clearTimeout(timer);
    timer = null;
    sending?.abort(); // an older state of the form must not arrive after this one
    const mine = new AbortController();
    sending = mine;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' },
        keepalive: true, signal: mine.signal,
      });
      say(answer.ok);
    } catch {
      if (!mine.signal.aborted) say(false);
    }
  }

  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener('submit', () => {
    clearTimeout(timer);
    timer = null;
    sending?.abort();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && timer) save();
  });
  addEventListener('beforeunload', () => {
    if (!timer || !navigator.onLine) return;
    save();
    form.dataset.changed = '';
  });
}

export function enableDrafts() {
  for (const form of document.querySelectorAll('form[data-draft]')) keepDraft(form);
}
