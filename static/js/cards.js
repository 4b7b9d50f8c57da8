// A business card: the photo is sent as soon as it is taken, and the page that waits for it goes on by itself.
const EVERY = 1500; // milliseconds

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'application/json' } });
    if (answer.ok && (await answer.json()).card.state === 'waiting') return true;
  } catch {
    return true; // the connection is gone for a moment
  }
  location.reload(); // which leads on
  return false;
}

async function wait() {
  if (await look()) setTimeout(wait, EVERY);
}

export function enableCards() {
  for (const input of document.querySelectorAll('input[data-go]')) {
    input.addEventListener('change', () => {
      if (input.files.length > 0) input.form.requestSubmit();
    });
  }
  if (document.querySelector('[data-card-wait]')) setTimeout(wait, EVERY);
}
